package archive

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// heavy is the n-th exchange with a payload that is large enough to be worth a
// revisit record.
func heavy(n, payload int) Exchange {
	e := exchange(n)
	e.Body = bytes.Repeat([]byte(fmt.Sprintf("<p>Payload %d.</p>\n", payload)), 200)
	e.Header.Set("X-Answer", strconv.Itoa(n))
	return e
}

// typesOf counts the records of an archive.
func typesOf(t *testing.T, dir string) map[string]int {
	t.Helper()
	checked, damage, err := Verify(t.Context(), dir, nil)
	if err != nil || len(damage) > 0 {
		t.Fatalf("Verify: %v %v", damage, err)
	}
	return checked.Records
}

// A payload that is held is written once, within a process and across them,
// and every exchange reads back as it came.
func TestEqualPayloadsAreStoredOnce(t *testing.T) {
	dir := t.TempDir()
	want := map[Ref]Exchange{}
	var order []Ref
	for process := range 3 {
		a := mustOpen(t, dir, options())
		for i := range 4 {
			e := heavy(10*process+i, i%2)
			ref := mustAppend(t, a, e)
			want[ref] = e
			order = append(order, ref)
		}
		a.Close()
	}
	types := typesOf(t, dir)
	if types["response"] != 2 || types["revisit"] != 10 {
		t.Fatalf("records: %v", types)
	}
	mustCheck(t, dir)
	a := mustOpen(t, dir, Options{ReadOnly: true})
	for ref, e := range want {
		got, err := a.Read(t.Context(), ref)
		if diff := cmp.Diff(stored(e), got); err != nil || diff != "" {
			t.Errorf("Read %v: %v\n%s", ref, err, diff)
		}
	}
	i := 0
	err := a.Walk(t.Context(), func(ref Ref, got Exchange) error {
		if diff := cmp.Diff(stored(want[ref]), got); i >= len(order) || ref.String() != order[i].String() || diff != "" {
			t.Errorf("Walk: %v\n%s", ref, diff)
		}
		i++
		return nil
	})
	if err != nil || i != len(order) {
		t.Errorf("Walk gave %d captures: %v", i, err)
	}
}

// What is small, cut short, or no response is stored whole.
func TestWhatIsNoRevisit(t *testing.T) {
	dir := t.TempDir()
	a := mustOpen(t, dir, options())
	cut := heavy(3, 1)
	cut.Truncated = TruncatedLength
	saved := Exchange{URL: "https://forum.example.org/saved", Body: heavy(1, 1).Body}
	for _, e := range []Exchange{exchange(1), exchange(1), heavy(2, 1), cut, saved, heavy(4, 2)} {
		mustAppend(t, a, e)
	}
	a.Close()
	if types := typesOf(t, dir); types["revisit"] != 0 {
		t.Errorf("records: %v", types)
	}
}

// A list of payloads that is lost, or does not fit the files, costs room and
// nothing else.
func TestPayloadListIsNoMoreThanAHelp(t *testing.T) {
	for name, spoil := range map[string]func(list string) error{
		"lost":    os.Remove,
		"garbage": func(list string) error { return os.WriteFile(list, []byte("\x00\n\nsha1:X y\n"), 0o600) },
		"other places": func(list string) error {
			text, err := os.ReadFile(list)
			return errors.Join(err, os.WriteFile(list, bytes.ReplaceAll(text, []byte(".gz:"), []byte(".gz:9")), 0o600))
		},
		"another payload": func(list string) error { // as if a digest had two payloads
			text, err := os.ReadFile(list)
			place := bytes.Fields(text)[1]
			line := fmt.Sprintf("%s %s\n", digest(heavy(0, 2).Body), place)
			return errors.Join(err, os.WriteFile(list, []byte(line), 0o600))
		},
		"a folder": func(list string) error { return errors.Join(os.Remove(list), os.Mkdir(list, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			a := mustOpen(t, dir, options())
			mustAppend(t, a, heavy(1, 1))
			a.Close()
			if err := spoil(filepath.Join(dir, payloadsName)); err != nil {
				t.Fatal(err)
			}
			a = mustOpen(t, dir, options())
			e := heavy(2, 2)
			got, err := a.Read(t.Context(), mustAppend(t, a, e))
			if diff := cmp.Diff(stored(e), got); err != nil || diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
			if types := typesOf(t, dir); types["revisit"] != 0 {
				t.Errorf("records: %v", types)
			}
			mustAppend(t, a, heavy(3, 2))
			if types := typesOf(t, dir); types["revisit"] != 1 {
				t.Errorf("the payload that was written last is not known: %v", types)
			}
		})
	}
}

// A revisit record whose original is gone is damage, and never another page.
func TestRevisitWithoutItsOriginal(t *testing.T) {
	dir := t.TempDir()
	o := options()
	o.MaxFileBytes = 1
	a := mustOpen(t, dir, o)
	first := mustAppend(t, a, heavy(1, 1))
	again := mustAppend(t, a, heavy(2, 1))
	if first.File == again.File {
		t.Fatal("both stand in one file")
	}
	if err := os.Remove(filepath.Join(dir, first.File)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Read(t.Context(), again); !errors.Is(err, ErrDamaged) {
		t.Errorf("Read: %v", err)
	}
	if err := a.Walk(t.Context(), func(Ref, Exchange) error { return nil }); !errors.Is(err, ErrDamaged) {
		t.Errorf("Walk: %v", err)
	}
}

// Other people's readers, this package's own among them, find the payload.
func TestRevisitIsReadAsAForeignArchive(t *testing.T) {
	dir := t.TempDir()
	a := mustOpen(t, dir, options())
	ref := mustAppend(t, a, heavy(1, 1))
	later := heavy(2, 1)
	later.FetchedAt = later.FetchedAt.Add(time.Hour)
	mustAppend(t, a, later)
	a.Close()
	var got []Exchange
	err := NewReader(ReadOptions{}).Read(t.Context(), filepath.Join(dir, ref.File), func(e Exchange) error {
		got = append(got, e)
		return nil
	})
	if err != nil || len(got) != 2 || !bytes.Equal(got[1].Body, later.Body) || got[1].URL != later.URL || got[1].Header.Get("X-Answer") != "2" {
		t.Errorf("%v: %+v", err, got)
	}
}
