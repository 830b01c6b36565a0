package dom

import "testing"

func TestWroteBy(t *testing.T) {
	cases := []struct{ text, tail, want string }{
		{"Anna wrote:", "", "Anna"},
		{"van der Berg wrote:", "wrote:", "van der Berg"},
		{"Anna a écrit :", "", "Anna"},
		{"Le vieux Yann a écrit\u00a0:", "a écrit :", "Le vieux Yann"},
		{"Onkel Heinz hat Folgendes geschrieben:", "", "Onkel Heinz"},
		{"Кот учёный пишет:", "", "Кот учёный"},
		{"山田写道:", "", "山田"},
		{"Quote:", "", ""},
	}
	for _, c := range cases {
		if got := WroteBy(c.text, c.tail); got != c.want {
			t.Errorf("%q with %q: got %q, want %q", c.text, c.tail, got, c.want)
		}
	}
}

// The words around names show on the page: a name that begins with another one
// does not mislead, nor does a language that nobody here knows.
func TestFramesAreLearned(t *testing.T) {
	known := NamesOf("Ann", "Bo Derk")
	if got := WroteTail([]string{"Ann Lee dixit hoc:", "Ann dixit hoc:", "Bo Derk dixit hoc:"}, known); got != "dixit hoc:" {
		t.Errorf("tail %q", got)
	}
	if got := ByLead([]string{"postremo mutatum ab Bo Derk", "postremo mutatum ab Zeno"}, known); got != "postremo mutatum ab" {
		t.Errorf("lead %q", got)
	}
	if got := NameAfter("postremo mutatum ab Zeno Minor", "postremo mutatum ab"); got != "Zeno Minor" {
		t.Errorf("name %q", got)
	}
	if got := NameAfter("Last edited by Zeno Minor", ""); got != "Zeno Minor" {
		t.Errorf("name %q", got)
	}
	if got := WroteTail([]string{"Zeno dixit:"}, known); got != "" {
		t.Errorf("tail %q of a name that nobody has", got)
	}
}

func TestSaysDenied(t *testing.T) {
	for text, want := range map[string]bool{
		"You do not have permission to access this page.": true, "Sie haben keine Berechtigung.": true, "У вас нет прав для просмотра": true,
		"The topic or post you requested does not exist": false, "Bad request. The link you followed is incorrect or outdated.": false,
	} {
		if got := SaysDenied(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
