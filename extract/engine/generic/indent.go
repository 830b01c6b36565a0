package generic

import (
	"regexp"
	"strconv"
	"strings"

	"forumine/extract/dom"

	"golang.org/x/net/html"
)

var reIndent = regexp.MustCompile(`(?:margin|padding)-(?:left|inline-start):\s*(\d+)`)

// indent is how deep an element says that it stands in a tree of replies: as an
// attribute, a class, or a margin. Flat markup of trees has nothing else.
func indent(n *html.Node) (depth int, ok bool) {
	for _, a := range n.Attr {
		switch a.Key {
		case "indent", "depth", "data-depth", "data-level", "data-indent", "aria-level":
			if d, err := strconv.Atoi(a.Val); err == nil {
				return d, true
			}
		case "class":
			for w := range strings.FieldsSeq(a.Val) {
				for _, p := range [...]string{"depth-", "level-", "indent-", "depth", "level", "indent"} {
					if rest, found := strings.CutPrefix(w, p); found {
						if d, err := strconv.Atoi(rest); err == nil {
							return d, true
						}
					}
				}
			}
		case "style":
			if m := reIndent.FindStringSubmatch(a.Val); m != nil {
				d, err := strconv.Atoi(m[1])
				return d, err == nil
			}
		}
	}
	return 0, false
}

// indents gives records that do not lie in one another their parents by how
// deep they are indented.
func (r *reader) indents(all []placed, list []*cluster) {
	at := map[int32]*entry{}
	for _, c := range list {
		for _, e := range c.entries {
			at[e.from] = e
		}
	}
	type level struct {
		depth int
		id    string
	}
	var open []level
	seen := 0
	parents := make([]string, len(all))
	for i, p := range all {
		depth, ok := r.depth(at[p.from])
		if !ok {
			continue
		}
		seen++
		for len(open) > 0 && open[len(open)-1].depth >= depth {
			open = open[:len(open)-1]
		}
		if len(open) > 0 {
			parents[i] = open[len(open)-1].id
		}
		open = append(open, level{depth, p.post.ID})
	}
	if seen*10 < 8*len(all) {
		return
	}
	for i := range all {
		if all[i].post.ParentID == "" {
			all[i].post.ParentID = parents[i]
		}
	}
}

func (r *reader) depth(e *entry) (int, bool) {
	if e == nil {
		return 0, false
	}
	for k, ce := range e.cells {
		n := r.out.items[ce.item].n
		if k > 12 || n == e.body {
			break
		}
		if d, ok := indent(n); ok && dom.Attr(n, "itemprop") == "" {
			return d, true
		}
	}
	return 0, false
}
