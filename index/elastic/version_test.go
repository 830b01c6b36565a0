package elastic

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"forumine/index"
)

// TestMappingHasItsVersion holds the fingerprints of the mappings to the schema's
// version: who changes a mapping raises index.SchemaVersion, and then this test.
func TestMappingHasItsVersion(t *testing.T) {
	t.Parallel()
	c, err := New(Config{URLs: []string{"http://127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const version = 2
	want := map[string]string{
		"forum-authors": "3d99835ac77a661c", "forum-post-revisions": "9f9b6a50a662a58b",
		"forum-posts": "6a32de46853a9582", "forum-threads": "eb225b5e80392ca6",
	}
	got := map[string]string{}
	for name, raw := range index.Templates(index.TemplateOptions{}) {
		p, err := c.plan(name, raw)
		if err != nil {
			t.Fatal(err)
		}
		got[name] = p.fingerprint
	}
	if diff := cmp.Diff(want, got); diff != "" || index.SchemaVersion != version {
		t.Errorf("schema version %d (this test knows %d), mappings (-of that version +now):\n%s", index.SchemaVersion, version, diff)
	}
}
