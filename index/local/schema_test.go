package local

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"forumine/index/query"
)

// A change of the tables or of the fields makes older files unreadable: it needs
// a new schemaVersion, and then the new sum here.
func TestSchemaVersionPinsTables(t *testing.T) {
	text := strings.Join(ddl(), "\n")
	for _, f := range query.Fields() {
		text += "\n" + f.Name
	}
	sum := sha256.Sum256([]byte(text))
	if got := hex.EncodeToString(sum[:8]); schemaVersion != 1 || got != "f25b932f987ba01d" {
		t.Errorf("schema %d has the sum %s", schemaVersion, got)
	}
}

// Every path of every text field has a column, so that no word is left out.
func TestEveryTextPathHasAColumn(t *testing.T) {
	for _, f := range append(query.Fields(), query.DefaultField()) {
		if f.Type != query.TextField {
			continue
		}
		for _, p := range f.Paths {
			if columnOf(p.JSON) == "" {
				t.Errorf("%s: no column for %s", f.Name, p.JSON)
			}
		}
	}
}

func TestOtherVersionsAreRefused(t *testing.T) {
	for _, test := range []struct{ pragma, want string }{
		{"user_version = 99", "newer forumine (version 99, this program reads 1)"},
		{"user_version = 0", "older forumine"},
		{"application_id = 7", "another program's database"},
	} {
		dir := t.TempDir()
		x, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		x.Close()
		db, err := sql.Open("sqlite", filepath.Join(dir, FileName))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(context.Background(), "PRAGMA "+test.pragma); err != nil {
			t.Fatal(err)
		}
		db.Close()
		for _, readOnly := range []bool{false, true} {
			_, err = Open(dir, Options{ReadOnly: readOnly})
			if !errors.Is(err, ErrVersion) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "forumine reindex") {
				t.Errorf("%s: %v", test.pragma, err)
			}
		}
	}
}

// The disk is synced at every commit.
func TestDurableSettings(t *testing.T) {
	x, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal"} {
		var got string
		if err := x.write.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, want %s (%v)", pragma, got, want, err)
		}
	}
}

func TestFolderWithOddName(t *testing.T) {
	for _, name := range []string{"a b", "50%20", "q?x", "h#1", "ü"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := mkdir(dir); err != nil {
			t.Skipf("this file system has no %q: %v", name, err)
		}
		x, err := Open(dir, Options{})
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		x.Close()
		if !exists(filepath.Join(dir, FileName)) {
			t.Errorf("%q: the file lies elsewhere", name)
		}
	}
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"plain9": "plain9", "ärger": "ärger", "a.b": "a\uE12Eb", "A": "\uE141", `"`: "\uE122", "": "", "\x00": "\uE100",
	} {
		if got := escape(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
