package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// Role is a role of Elasticsearch's security: what its users may do.
type Role struct {
	Cluster []string      `json:"cluster"`
	Indices []IndexAccess `json:"indices"`
}

// IndexAccess says what a role may do with which indices.
type IndexAccess struct {
	Names      []string `json:"names"`
	Privileges []string `json:"privileges"`
}

// Roles are the least privileges for what is done with indices of a prefix, by
// role name: PREFIX-operator sets up and migrates, PREFIX-crawler delivers into
// indices that are set up, PREFIX-analyst reads.
func Roles(prefix string) map[string]Role {
	on := func(privileges ...string) []IndexAccess {
		return []IndexAccess{{Names: []string{prefix + "-*"}, Privileges: privileges}}
	}
	return map[string]Role{
		prefix + "-operator": {Cluster: []string{"monitor", "manage_index_templates"}, Indices: on("manage", "read", "write")},
		prefix + "-crawler":  {Cluster: []string{"monitor"}, Indices: on("view_index_metadata", "read", "index", "maintenance")},
		prefix + "-analyst":  {Cluster: []string{}, Indices: on("view_index_metadata", "read")},
	}
}

// PutRoles installs Roles. It needs the cluster privilege manage_security.
func (c *Client) PutRoles(ctx context.Context) ([]string, error) {
	roles := Roles(c.cfg.Prefix)
	names := slices.Sorted(maps.Keys(roles))
	for _, name := range names {
		body, err := json.Marshal(roles[name])
		if err != nil {
			return nil, fmt.Errorf("writing the role %s: %w", name, err)
		}
		if err := c.command(ctx, "installing the role "+name, esapi.SecurityPutRoleRequest{Name: name, Body: bytes.NewReader(body)}); err != nil {
			return nil, err
		}
	}
	return names, nil
}
