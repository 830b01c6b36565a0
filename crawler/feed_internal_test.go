package crawler

import (
	"testing"
	"time"

	"forumine/extract/forum"
)

// A signature of a listing and one of a feed are of one state where they agree in what
// both give; two of one kind are where they are the same.
func TestSameState(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"100|7|3---", "100|7|3---", true},
		{"100|7|3---", "100|7|3+--", false}, // locked meanwhile
		{"100|7|3", "100|7|4", false},
		{"100|7|3", "100|7|", false},
		{"", "", false},
		{"100|7|3---", "200|7|", true},   // the last post's id decides
		{"100|7|3---", "100|8|3", false}, //
		{"100||3---", "100||3", true},    // time and replies
		{"100||3---", "100||4", false},   //
		{"100||3---", "100||", true},     // time alone
		{"100||3---", "101||", false},    //
		{"120||3---", "150||3", true},    // shown without seconds
		{"120||3---", "150||", false},    // too little to go by
		{"120||3---", "190||3", false},   //
		{"||3---", "100||3", false},      // replies alone
		{"|7|---", "100|7|", true},       //
		{"nonsense", "100|7|", false},    //
		{"||---", "||", false},           //
	} {
		if got := sameState(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
		if sameState(c.a, c.b) != sameState(c.b, c.a) {
			t.Errorf("%q and %q: another answer the other way round", c.a, c.b)
		}
	}
}

// A feed's entries fall by the times or by the ids of their last posts, or tell
// nothing. One second may hold two posts, an id is of one.
func TestMarks(t *testing.T) {
	at := func(secs int64, id string) forum.Row {
		return forum.Row{LastPost: forum.Stamp{At: time.Unix(secs, 0), Precision: forum.PrecisionSecond}, LastPostID: id}
	}
	for name, c := range map[string]struct {
		rows []forum.Row
		by   string
	}{
		"times":                {[]forum.Row{at(30, ""), at(20, ""), at(20, "")}, byTime},
		"ids":                  {[]forum.Row{{LastPostID: "9"}, {LastPostID: "7"}}, byID},
		"ids, as times do not": {[]forum.Row{at(20, "9"), at(30, "7")}, byID},
		"neither":              {[]forum.Row{at(20, "7"), at(30, "9")}, ""},
		"no exact time":        {[]forum.Row{{LastPost: forum.Stamp{At: time.Unix(30, 0), Precision: forum.PrecisionDay}}}, ""},
		"nothing":              {nil, ""},
	} {
		newest, oldest, ok := marks(c.rows)
		if ok != (c.by != "") || newest.By != c.by || ok && newest.N < oldest.N {
			t.Errorf("%s: %v, %v, %v", name, newest, oldest, ok)
		}
	}
	edited := at(20, "")
	edited.Active = forum.Stamp{At: time.Unix(40, 0), Precision: forum.PrecisionSecond}
	if _, _, ok := marks([]forum.Row{edited, at(30, "")}); !ok {
		t.Error("a thread whose last post was edited stands where the edit puts it")
	}
	if !(mark{byTime, 9}).below(mark{byTime, 10}) || (mark{byTime, 10}).below(mark{byTime, 10}) || !(mark{byID, 10}).below(mark{byID, 10}) || (mark{byID, 9}).below(mark{byTime, 10}) || (mark{}).below(mark{}) {
		t.Error("what lies below a mark is not told right")
	}
}
