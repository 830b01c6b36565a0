package privacy_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"forumine/extract/forum"
	"forumine/extract/privacy"
)

const site = "forum.example.org"

// grammar knows /members/NAME.ID/ and /threads/SLUG.ID/.
func grammar(u *url.URL) (forum.Link, bool) {
	if m := regexp.MustCompile(`^/members/(?:[^/]*\.)?(\d+)/?$`).FindStringSubmatch(u.Path); m != nil {
		return forum.Link{Kind: forum.KindProfile, ID: m[1], Key: "profile/" + m[1]}, true
	}
	if m := regexp.MustCompile(`^/threads/(?:[^/]*\.)?(\d+)/?$`).FindStringSubmatch(u.Path); m != nil {
		return forum.Link{Kind: forum.KindThread, ID: m[1], Key: "thread/" + m[1]}, true
	}
	return forum.Link{}, false
}

func key(t *testing.T, fill string) privacy.Key {
	t.Helper()
	k, err := privacy.NewKey([]byte(strings.Repeat(fill, privacy.KeySize)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func step(t *testing.T, p privacy.Policy) privacy.Step {
	t.Helper()
	s, err := privacy.New(p, key(t, "k"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// page is a thread's page that names people in every place there is.
func page() *forum.Page {
	mira := func() *forum.Author {
		return &forum.Author{ID: "4711", Name: "Mira Tane", URL: "https://forum.example.org/members/mira-tane.4711/",
			AvatarURL: "https://forum.example.org/data/avatars/m/4/4711.jpg", Title: "Friend of Mira Tane", About: "I am Mira.",
			Websites: []string{"https://mira.example.net/"}, Location: "Harbour", Fields: map[string]string{"callsign": "MT4", "band": "40 m"},
			FieldLabels: map[string]string{"callsign": "Callsign", "band": "Band"}}
	}
	odo := &forum.Author{ID: "12", Name: "odo", URL: "https://forum.example.org/members/odo.12/"}
	return &forum.Page{
		URL: "https://forum.example.org/threads/tides.5/", Engine: "toy", Kind: forum.KindThread,
		Root: "https://forum.example.org/", Links: []forum.Link{{URL: mira().URL, Key: "profile/4711", Kind: forum.KindProfile, ID: "4711"}},
		Thread:  &forum.Thread{ID: "5", Title: "Tides", Author: mira(), LastAuthor: odo},
		Listing: []forum.Row{{ID: "6", Title: "Other", Author: mira(), LastAuthor: odo}},
		Profile: mira(),
		Posts: []forum.Post{
			{ID: "90", URL: "https://forum.example.org/threads/tides.5/#post-90", State: forum.PostVisible, IsFirst: true, Author: mira(),
				Body:      forum.Body{Text: "The sea is high.\nMail me: mira@tane.example.net or +49 30 1234567", HTML: "<p>The sea is high.</p>"},
				Signature: &forum.Signature{Text: "Mira Tane, harbour"}},
			{ID: "91", URL: "https://forum.example.org/threads/tides.5/?u=mira-tane#post-91", State: forum.PostVisible, Author: odo, EditedBy: "Mira Tane",
				Body: forum.Body{
					Text:       "@mira tane: odo odd odour. Mira is fine; see Tane Bay and @stranger, at a@b.example.org. Ask Wendelin.",
					FullText:   "Mira Tane wrote:\nThe sea is high.\n@mira tane: odo odd odour.",
					QuotedText: "Mira Tane wrote:\nThe sea is high.",
					HTML: `<blockquote data-author="Mira Tane" data-post-id="90">The sea is high.</blockquote><p><a href="https://forum.example.org/members/mira-tane.4711/">@Mira Tane</a>: odo ` +
						`<a href="https://forum.example.org/threads/x.9/">odd</a> <a href="https://forum.example.org/members/4711/recent">odour</a>. Ask <a href="/x">Wendelin</a> &amp; <a href="https://forum.example.org/members/wendelin.3/">Wendelin</a></p>`,
				},
				Quotes:   []forum.Quote{{Author: "Mira Tane", AuthorID: "4711", PostID: "90"}},
				Mentions: []forum.Mention{{Name: "mira tane", ID: "4711"}},
				Links: []forum.PostLink{{URL: "https://forum.example.org/members/mira-tane.4711/", Domain: "example.org", IsInternal: true},
					{URL: "https://pictures.example.com/mira-tane/sea.jpg", Domain: "example.com"}, {URL: "https://forum.example.org/threads/x.9/", IsInternal: true}},
				Media:     []forum.Media{{Kind: "image", URL: "https://forum.example.org/data/avatars/m/4/4711.jpg"}},
				Reactions: &forum.Reactions{Total: 1, Users: []string{"Mira Tane"}, UsersComplete: true},
				Extra:     map[string]string{"event_text": "odo invited Mira Tane"}},
		},
		Gaps: []forum.Gap{},
	}
}

// said is a page as JSON, as everything behind the step may see it.
func said(t *testing.T, p *forum.Page) string {
	t.Helper()
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestPseudonymiseLeavesNobody(t *testing.T) {
	for _, mode := range []privacy.Authors{privacy.Pseudonymise, privacy.Drop} {
		in := page()
		before := said(t, in)
		out := step(t, privacy.Policy{Authors: mode}).Page(site, in, grammar)
		if said(t, in) != before {
			t.Errorf("%s: the page that was given has changed", mode)
		}
		got := strings.ToLower(said(t, out))
		for _, trace := range []string{"mira tane", "mira-tane", "4711", "avatars", "members/", "mira.example.net", "i am mira", "@stranger", "wendelin.3", `"odo"`, "|user|12"} {
			if strings.Contains(got, trace) {
				t.Errorf("%s: %q is still there:\n%s", mode, trace, got)
			}
		}
		for _, kept := range []string{"the sea is high.", "odd odour", "tane bay", "mira is fine", "a@b.example.org", "/threads/x.9/", `"post_id":"90"`, "#post-90", `"title":"tides"`} {
			if !strings.Contains(got, kept) {
				t.Errorf("%s: %q should stay:\n%s", mode, kept, got)
			}
		}
	}
}

func TestPseudonymsHold(t *testing.T) {
	out := step(t, privacy.Policy{Authors: privacy.Pseudonymise}).Page(site, page(), grammar)
	first, second := out.Posts[0].Author, out.Posts[1]
	for what, same := range map[string]bool{
		"the quote's author is the post's":       second.Quotes[0].Author == first.Name && second.Quotes[0].AuthorKey == first.Key,
		"the mention is the post's author":       second.Mentions[0].Name == first.Name && second.Mentions[0].AuthorKey == first.Key,
		"the thread's starter is the post's":     out.Thread.Author.Key == first.Key && out.Thread.Author.Name == first.Name,
		"the row's starter is the post's":        out.Listing[0].Author.Key == first.Key,
		"the editor is the post's author":        second.EditedBy == first.Name,
		"who reacted is the post's author":       second.Reactions.Users[0] == first.Name,
		"the link leads where the profile leads": second.Links[0].URL == first.URL,
		"the text's mention is the author":       strings.Contains(second.Body.Text, "@"+first.Name+": odo") || strings.Contains(second.Body.Text, "@"+first.Name),
		"the html's attribution is the author":   strings.Contains(second.Body.HTML, `data-author="`+first.Name+`"`),
		"the line's attribution is the author":   strings.HasPrefix(second.Body.QuotedText, first.Name+" wrote:"),
		"an account is no guest":                 strings.HasPrefix(first.Key, site+"|user|"),
	} {
		if !same {
			t.Errorf("%s: it is not so:\n%s", what, said(t, out))
		}
	}
}

func TestPseudonymsDifferByKeySiteAndKind(t *testing.T) {
	k := key(t, "k")
	all := map[string]string{}
	for what, got := range map[string]string{
		"name": k.Name(site, "Mira"), "name elsewhere": k.Name("other.example.org", "Mira"), "name by another key": key(t, "j").Name(site, "Mira"),
		"id": k.ID(site, "mira"), "url": k.URL(site, "mira"), "another name": k.Name(site, "Mirah"),
	} {
		short := got[strings.LastIndexAny(got, "-:")+1:]
		if before, ok := all[short]; ok {
			t.Errorf("%s and %s have one pseudonym %s", what, before, got)
		}
		all[short] = what
	}
	for _, spelling := range []string{"mira", " MIRA ", "@Mira", "Ｍira"} {
		if k.Name(site, spelling) != k.Name(site, "Mira") {
			t.Errorf("%q is another person than Mira", spelling)
		}
	}
}

func TestKeepChangesNothing(t *testing.T) {
	in := page()
	in.SetKeys(site)
	if out := step(t, privacy.Policy{}).Page(site, in, grammar); out != in {
		t.Error("the page was copied though everything is kept")
	}
}

func TestMaskAndDropFields(t *testing.T) {
	s := step(t, privacy.Policy{Mask: []string{"emails", "phones"}, DropFields: []string{"callsign", "location"}})
	p := s.Page(site, page(), grammar).Posts[0]
	if want := "The sea is high.\nMail me: [e-mail] or [phone]"; p.Body.Text != want {
		t.Errorf("got %q, want %q", p.Body.Text, want)
	}
	if p.Author.Fields["callsign"] != "" || p.Author.FieldLabels["callsign"] != "" || p.Author.Location != "" || p.Author.Fields["band"] != "40 m" || p.Author.Name != "Mira Tane" {
		t.Errorf("fields: %+v", p.Author)
	}
}

func TestMasking(t *testing.T) {
	s := step(t, privacy.Policy{Mask: []string{"emails", "phones"}})
	for in, want := range map[string]string{
		"write to jo.b+x@mail.example.co.uk.":            "write to [e-mail].",
		"jo at example":                                  "jo at example",
		"jo(at)example(dot)org":                          "[e-mail]",
		"call 030 1234567 or (030) 123-4567":             "call [phone] or [phone]",
		"call 555-123-4567":                              "call [phone]",
		"in 2024-05-06, 12:30, v1.2.3, 14 200 posts, §9": "in 2024-05-06, 12:30, v1.2.3, 14 200 posts, §9",
		"price 1000000 and 3,50":                         "price 1000000 and 3,50",
		"10.0.0.1 and ISBN 978":                          "10.0.0.1 and ISBN 978",
	} {
		p := &forum.Page{Posts: []forum.Post{{ID: "1", Body: forum.Body{Text: in}}}}
		if got := s.Page(site, p, nil).Posts[0].Body.Text; got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestDeletedPosts(t *testing.T) {
	in := &forum.Page{
		Posts: []forum.Post{{ID: "1", State: forum.PostDeleted, Author: &forum.Author{Name: "odo"}, Body: forum.Body{Text: "gone"}}, {ID: "2", State: forum.PostVisible, Body: forum.Body{Text: "here"}}},
		Gaps:  []forum.Gap{{Path: "posts[0].author.id"}, {Path: "posts[1].published_at"}, {Path: "thread.title"}},
	}
	for _, mode := range []privacy.Deleted{privacy.RedactDeleted, privacy.DropDeleted} { // the state drops: it has to know which
		out := step(t, privacy.Policy{Deleted: mode}).Page(site, in, nil)
		if p := out.Posts[0]; len(out.Posts) != 2 || p.Body.Text != "" || p.Author != nil || p.State != forum.PostDeleted || p.ID != "1" {
			t.Errorf("%s: %+v", mode, out.Posts)
		}
	}
}

// TestGapsMoveWithPosts: what a page lacks is counted by the posts that stay.
func TestGapsMoveWithPosts(t *testing.T) {
	in := &forum.Page{
		Posts: []forum.Post{{ID: "1", Author: &forum.Author{Name: "odo"}}, {ID: "2", Author: &forum.Author{Name: "ilse"}}},
		Gaps:  []forum.Gap{{Path: "posts[0].author.id"}, {Path: "posts[1].published_at"}, {Path: "thread.title"}},
	}
	k := key(t, "k")
	out := step(t, privacy.Policy{}).Forget(k, privacy.Person{Names: []string{"odo"}}.Marks(k, site)).Page(site, in, nil)
	if len(out.Posts) != 1 || out.Posts[0].ID != "2" {
		t.Errorf("posts: %+v", out.Posts)
	}
	if len(out.Gaps) != 2 || out.Gaps[0].Path != "posts[0].published_at" || out.Gaps[1].Path != "thread.title" {
		t.Errorf("gaps have not moved with their posts: %+v", out.Gaps)
	}
}

func TestPolicies(t *testing.T) {
	for _, bad := range []privacy.Policy{{Authors: "hide"}, {Deleted: "burn"}, {Mask: []string{"faces"}}} {
		if _, err := privacy.New(bad, key(t, "k")); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	if _, err := privacy.New(privacy.Policy{Authors: privacy.Pseudonymise}, privacy.Key{}); !errors.Is(err, privacy.ErrKey) {
		t.Errorf("pseudonyms without a key: %v", err)
	}
	if _, err := privacy.NewKey([]byte("short")); !errors.Is(err, privacy.ErrKey) {
		t.Errorf("a short key: %v", err)
	}
}

// TestSitemapsNameAccounts reads a sitemap, which names accounts by their addresses
// alone.
func TestSitemapsNameAccounts(t *testing.T) {
	const base = "https://forum.example.org/"
	p := &forum.Page{URL: base + "sitemap.xml", Kind: forum.KindFeed, Root: base, Listing: []forum.Row{
		{URL: base + "members/mira-tane.4711/"}, {URL: base + "members/odo.12/"}, {ID: "5", URL: base + "threads/tides.5/"}, {URL: base + "help/"},
	}}
	for _, mode := range []privacy.Authors{privacy.Pseudonymise, privacy.Drop} {
		got := said(t, step(t, privacy.Policy{Authors: mode}).Page(site, p, grammar))
		if strings.Contains(got, "members/") || !strings.Contains(got, "threads/tides.5") || !strings.Contains(got, "help/") {
			t.Errorf("%s: %s", mode, got)
		}
	}
	k := key(t, "k")
	forget := step(t, privacy.Policy{}).Forget(k, privacy.Person{Names: []string{"Mira Tane"}, IDs: []string{"4711"}}.Marks(k, site))
	if _, found := forget.Lost(site, p, grammar); !found {
		t.Error("the address of an account does not count as naming its owner")
	}
	if got := said(t, forget.Page(site, p, grammar)); strings.Contains(got, "4711") || !strings.Contains(got, "odo.12") {
		t.Errorf("forgotten: %s", got)
	}
}
