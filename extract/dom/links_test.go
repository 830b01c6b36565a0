package dom

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"forumine/extract/forum"
)

// counted is a grammar that counts what it is asked.
type counted struct {
	name  string
	asked *int
}

func (c counted) Name() string { return c.name }

func (c counted) Canonical(u *url.URL) (forum.Link, bool) {
	*c.asked++
	return forum.Link{URL: u.String(), Key: c.name + u.Path}, strings.HasPrefix(u.Path, "/t/")
}

func TestLinksAreMappedOnceForAnEngine(t *testing.T) {
	d, err := Parse(forum.Capture{URL: "http://forum.example/t/1/", Body: []byte("<p>a page")})
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for range 3 {
		if l, ok := d.Address("../2/").Link(counted{"one", &asked}); !ok || l.Key != "one/t/2/" {
			t.Errorf("got %v, %v", l, ok)
		}
		last := d.LastAddress("../2/")
		if l, ok := last.Link(counted{"one", &asked}); !ok || l.Key != "one/t/2/" {
			t.Errorf("last asked for: got %v, %v", l, ok)
		}
	}
	if asked != 1 {
		t.Errorf("the engine was asked %d times, want once", asked)
	}
	if l, ok := d.Address("../2/").Link(counted{"two", &asked}); !ok || l.Key != "two/t/2/" {
		t.Errorf("another engine: got %v, %v", l, ok)
	}
}

// More links than are remembered are still each their own.
func TestManyLinksAreEachTheirOwn(t *testing.T) {
	d, err := Parse(forum.Capture{URL: "http://forum.example/", Body: []byte("<p>a page")})
	if err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		for i := range 5 * len(addresses{}) {
			href := fmt.Sprintf("/t/%d/", i)
			if a, last := d.Address(href), d.LastAddress(href); a.Abs != "http://forum.example"+href || a.URL().Path != href || last.Abs != a.Abs {
				t.Fatalf("round %d: %s leads to %s and %s", round, href, a.Abs, last.Abs)
			}
		}
	}
	if a := d.Address("mailto:somebody@forum.example"); a.Abs != "" {
		t.Errorf("a mail address leads to %s", a.Abs)
	}
}
