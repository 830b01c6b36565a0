#!/usr/bin/env bash
# A real Elasticsearch for tests, without containers.
#
#   start.sh resolve             fetch and unpack the server once (about 930 MB to fetch, 160 MB on disk)
#   start.sh home                print the unpacked server's folder; exit status 3 when there is none
#   start.sh run [options]       run one node in the foreground; SIGTERM stops it
#
# Options of run:
#   --data DIR                   holds everything the node writes (required)
#   --http PORT --transport PORT 9200 and 9300 unless given; only 127.0.0.1 is listened on
#   --name NAME                  node name, n1
#   --heap SIZE                  512m
#   --seeds HOST:PORT,...        transport addresses of all nodes of a cluster
#   --masters NAME,...           names of the nodes that form the cluster the first time
#   --tls DIR                    security on: DIR holds ca.crt, node.crt and node.key;
#                                the user elastic gets $ELASTIC_PASSWORD
#   --guard PID                  kill this process group when process PID is gone
#   --set "NAME: VALUE"          one more setting of the node; may be repeated
#
# Environment: FORUMINE_CACHE   where the server is unpacked (default ~/.cache/forumine/elasticsearch;
#                               for root with a closed home, /var/cache/forumine/elasticsearch)
#              ES_SERVER        another unpacked server to run, 8 or 9, in the place of that one
#              ES_JAVA_HOME     Java 17 or later, 21 or later for version 9; else the java of PATH
#              ES_JAVA_OPTS     more options for the server's JVM
#              ES_UID           whom root becomes, since Elasticsearch refuses root (65534)
set -euo pipefail

version=8.19.13
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
uid=${ES_UID:-65534}

die() { echo "start.sh: $*" >&2; exit 1; }
usage() { sed -n '4,6p' "${BASH_SOURCE[0]}" >&2; exit 2; }

drop=() # runs a command as somebody else than root
if [ "$(id -u)" = 0 ]; then drop=(setpriv --reuid "$uid" --regid "$uid" --clear-groups); fi

default_cache() {
  if [ ${#drop[@]} -gt 0 ] && ! "${drop[@]}" test -x "$HOME"; then
    echo /var/cache/forumine/elasticsearch
  else
    echo "$HOME/.cache/forumine/elasticsearch"
  fi
}
cache=${FORUMINE_CACHE:-$(default_cache)}
server=${ES_SERVER:-$cache/$version}

# with_lock COMMAND: one process at a time, also after an earlier one was killed.
with_lock() {
  mkdir -p "$cache"
  if command -v flock >/dev/null; then
    (flock 9; "$@") 9>"$cache/.lock"
    return
  fi
  until mkdir "$cache/.lock.d" 2>/dev/null; do
    owner=$(cat "$cache/.lock.d/pid" 2>/dev/null || echo "$$")
    kill -0 "$owner" 2>/dev/null || rm -rf "$cache/.lock.d"
    sleep 1
  done
  echo "$$" > "$cache/.lock.d/pid"
  trap 'rm -rf "$cache/.lock.d"' EXIT
  "$@"
}

# unpack puts the server in place with one rename: what is there is whole.
unpack() {
  [ -d "$server" ] && return
  command -v mvn >/dev/null || die "resolve needs Maven (mvn) on PATH"
  local tmp=$cache/.unpack
  rm -rf "$tmp"
  mkdir -p "$tmp"
  maven=(mvn -B -q -C -f "$here/pom.xml" "-Dunpack.to=$tmp" generate-resources)
  "${maven[@]}" -o >/dev/null 2>&1 || "${maven[@]}" || die "Maven could not fetch the server; its message is above"
  local found
  found=$(find "$tmp" -maxdepth 2 -type d -name elasticsearch | head -n 1)
  [ -n "$found" ] || die "the zip does not hold an elasticsearch folder"
  chmod -R a+rX "$found"
  mv "$found" "$server"
  rm -rf "$tmp"
}

# configure NODE FILES: everything below $data/conf.
configure() {
  local conf=$data/conf
  mkdir -p "$conf" "$data/data" "$data/logs" "$data/tmp"
  {
    echo "cluster.name: forumine-test"
    echo "node.name: $name"
    echo "path.data: $data/data"
    echo "path.logs: $data/logs"
    echo "network.host: 127.0.0.1"
    echo "http.port: $http"
    echo "transport.port: $transport"
    echo "cluster.routing.allocation.disk.threshold_enabled: false"
    if [ -z "$seeds" ]; then
      echo "discovery.type: single-node"
    else
      echo "discovery.seed_hosts: [$seeds]"
      if [ ! -d "$data/data/_state" ]; then echo "cluster.initial_master_nodes: [$masters]"; fi
    fi
    if [ -z "$tls" ]; then
      echo "xpack.security.enabled: false"
    else
      echo "xpack.security.enabled: true"
      for layer in http transport; do
        echo "xpack.security.$layer.ssl: { enabled: true, key: node.key, certificate: node.crt, certificate_authorities: [ca.crt] }"
      done
    fi
    printf '%s' "$settings"
  } > "$conf/elasticsearch.yml"
  printf '%s\n' "-Xms$heap" "-Xmx$heap" -XX:+UseG1GC -XX:+ExitOnOutOfMemoryError "-Djava.io.tmpdir=$data/tmp" \
    '20-:--add-modules=jdk.incubator.vector' -Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1 > "$conf/jvm.options"
  printf '%s\n' 'status = error' 'appender.out.type = Console' 'appender.out.name = out' \
    'appender.out.layout.type = PatternLayout' 'appender.out.layout.pattern = %d{ISO8601} %p %c{1.}: %m%n' \
    'rootLogger.level = info' 'rootLogger.appenderRef.out.ref = out' > "$conf/log4j2.properties"
  if [ -n "$tls" ]; then
    cp "$tls"/{ca.crt,node.crt,node.key} "$conf/"
    for f in users users_roles roles.yml role_mapping.yml; do
      [ -e "$conf/$f" ] || cp "$server/config/$f" "$conf/"
    done
  fi
  if [ ${#drop[@]} -gt 0 ]; then chown -R "$uid:$uid" "$data"; fi
}

# set_password puts the first password of the user elastic into the keystore.
set_password() {
  [ -n "$tls" ] && [ ! -f "$data/conf/elasticsearch.keystore" ] || return 0
  export CLI_NAME=keystore CLI_LIBS=lib/tools/keystore-cli
  "${drop[@]}" bash bin/elasticsearch-cli create > /dev/null
  printf '%s' "${ELASTIC_PASSWORD:?is needed with --tls}" | "${drop[@]}" bash bin/elasticsearch-cli add -x bootstrap.password
  unset CLI_NAME CLI_LIBS
}

run() {
  data='' http=9200 transport=9300 name=n1 heap=512m seeds='' masters='' tls='' guard='' settings=''
  while [ $# -gt 1 ]; do
    case $1 in
      --data | --http | --transport | --name | --heap | --seeds | --masters | --tls | --guard) printf -v "${1#--}" %s "$2" ;;
      --set) settings+=$2$'\n' ;;
      *) usage ;;
    esac
    shift 2
  done
  [ $# = 0 ] && [ -n "$data" ] || usage
  [ -d "$server" ] || die "there is no server at $server; run: $0 resolve"
  local java
  java=${ES_JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}/bin/java
  [ -x "$java" ] || die "there is no Java; install 17 or later or set ES_JAVA_HOME"
  mkdir -p "$data"
  data=$(cd "$data" && pwd)
  configure
  ES_JAVA_HOME=$(dirname "$(dirname "$java")")
  export ES_JAVA_HOME ES_PATH_CONF=$data/conf ES_TMPDIR=$data/tmp
  cd "$server" # the launcher takes its libraries from here
  set_password
  if [ -n "$guard" ]; then
    (while kill -0 "$guard" 2>/dev/null; do sleep 2; done; kill -KILL -- "-$$") >/dev/null 2>&1 &
  fi
  if [ -d "$server/lib/tools/server-launcher" ]; then # since 9.4
    export JAVA=$java ES_HOME=$server ES_DISTRIBUTION_TYPE=tar JAVA_TYPE=ES_JAVA_HOME
    exec "${drop[@]}" "$java" -Xms4m -Xmx64m -XX:+UseSerialGC -cp "$server/lib/tools/server-launcher/*" \
      org.elasticsearch.server.launcher.ServerLauncher -p "$data/es.pid"
  fi
  exec "${drop[@]}" "$java" -Xms4m -Xmx64m -XX:+UseSerialGC -Dcli.name=server -Dcli.script="$server/bin/elasticsearch" \
    -Dcli.libs=lib/tools/server-cli -Des.path.home="$server" -Des.path.conf="$ES_PATH_CONF" \
    -Des.distribution.type=tar -Des.java.type=ES_JAVA_HOME \
    -cp "$server/lib/*:$server/lib/cli-launcher/*" org.elasticsearch.launcher.CliToolLauncher -p "$data/es.pid"
}

case ${1:-} in
  resolve)
    with_lock unpack
    echo "$server"
    ;;
  home) [ -d "$server" ] || exit 3; echo "$server" ;;
  run) shift; run "$@" ;;
  *) usage ;;
esac
