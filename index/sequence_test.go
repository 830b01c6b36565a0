package index

import (
	"encoding/json"
	"testing"
)

func TestWithSequence(t *testing.T) {
	for _, tt := range []struct {
		body string
		n    int64
		want string
	}{
		{`{"a":1}`, 7, `{"sequence":7,"a":1}`},
		{`{}`, 7, `{"sequence":7}`},
		{`{ }`, 7, `{"sequence":7 }`},
		{`{"a":1}`, 0, `{"a":1}`},
		{``, 7, ``},
		{`not JSON`, 7, `not JSON`},
	} {
		body := []byte(tt.body)
		got := string(WithSequence(body, tt.n))
		if got != tt.want || string(body) != tt.body {
			t.Errorf("WithSequence(%s, %d) = %s, want %s", tt.body, tt.n, got, tt.want)
		}
		if json.Valid(body) && !json.Valid([]byte(got)) {
			t.Errorf("%s is no JSON any more: %s", tt.body, got)
		}
	}
}

// A document that was read back keeps the sequence where the rendered one has it.
func TestSequenceIsAField(t *testing.T) {
	var d PostDoc
	if err := json.Unmarshal(WithSequence([]byte(`{"doc_kind":"post"}`), 9), &d); err != nil || d.Sequence != 9 {
		t.Errorf("sequence %d, %v", d.Sequence, err)
	}
}
