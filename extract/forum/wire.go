package forum

import (
	"bytes"
	"encoding/json"
	"time"
)

// marshal writes JSON without escaping <, > and &: bodies are full of them.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// The flattened forms: a Stamp becomes sibling fields with a common prefix.

type postAlias Post

type postWire struct {
	postAlias
	PublishedAt        *time.Time `json:"published_at,omitempty"`
	PublishedRaw       string     `json:"published_raw,omitempty"`
	PublishedPrecision Precision  `json:"published_precision,omitempty"`
	PublishedTZ        Zone       `json:"published_tz,omitempty"`
	EditedAt           *time.Time `json:"edited_at,omitempty"`
	EditedRaw          string     `json:"edited_raw,omitempty"`
	EditedPrecision    Precision  `json:"edited_precision,omitempty"`
	EditedTZ           Zone       `json:"edited_tz,omitempty"`
}

// MarshalJSON writes the stamps as flat fields.
func (p Post) MarshalJSON() ([]byte, error) {
	return marshal(postWire{postAlias(p),
		p.Published.at(), p.Published.Raw, p.Published.Precision, p.Published.Zone,
		p.Edited.at(), p.Edited.Raw, p.Edited.Precision, p.Edited.Zone})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Post) UnmarshalJSON(b []byte) error {
	var w postWire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*p = Post(w.postAlias)
	p.Published = stampOf(w.PublishedAt, w.PublishedRaw, w.PublishedPrecision, w.PublishedTZ)
	p.Edited = stampOf(w.EditedAt, w.EditedRaw, w.EditedPrecision, w.EditedTZ)
	return nil
}

type startWire struct {
	StartedAt        *time.Time `json:"started_at,omitempty"`
	StartedRaw       string     `json:"started_raw,omitempty"`
	StartedPrecision Precision  `json:"started_precision,omitempty"`
	StartedTZ        Zone       `json:"started_tz,omitempty"`
}

func startOf(s Stamp) startWire { return startWire{s.at(), s.Raw, s.Precision, s.Zone} }

func (w startWire) stamp() Stamp {
	return stampOf(w.StartedAt, w.StartedRaw, w.StartedPrecision, w.StartedTZ)
}

type lastWire struct {
	LastPostAt        *time.Time `json:"last_post_at,omitempty"`
	LastPostRaw       string     `json:"last_post_raw,omitempty"`
	LastPostPrecision Precision  `json:"last_post_precision,omitempty"`
	LastPostTZ        Zone       `json:"last_post_tz,omitempty"`
}

func lastOf(s Stamp) lastWire { return lastWire{s.at(), s.Raw, s.Precision, s.Zone} }

func (w lastWire) stamp() Stamp {
	return stampOf(w.LastPostAt, w.LastPostRaw, w.LastPostPrecision, w.LastPostTZ)
}

type threadAlias Thread

type threadWire struct {
	threadAlias
	startWire
	lastWire
}

// MarshalJSON writes the stamps as flat fields.
func (t Thread) MarshalJSON() ([]byte, error) {
	return marshal(threadWire{threadAlias(t), startOf(t.Started), lastOf(t.LastPost)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Thread) UnmarshalJSON(b []byte) error {
	var w threadWire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*t = Thread(w.threadAlias)
	t.Started, t.LastPost = w.startWire.stamp(), w.lastWire.stamp()
	return nil
}

type rowAlias Row

type rowWire struct {
	rowAlias
	startWire
	lastWire
}

// MarshalJSON writes the stamps as flat fields.
func (r Row) MarshalJSON() ([]byte, error) {
	return marshal(rowWire{rowAlias(r), startOf(r.Started), lastOf(r.LastPost)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Row) UnmarshalJSON(b []byte) error {
	var w rowWire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*r = Row(w.rowAlias)
	r.Started, r.LastPost = w.startWire.stamp(), w.lastWire.stamp()
	return nil
}

type boardAlias Board

type boardWire struct {
	boardAlias
	lastWire
}

// MarshalJSON writes the stamp as flat fields.
func (b Board) MarshalJSON() ([]byte, error) {
	return marshal(boardWire{boardAlias(b), lastOf(b.LastPost)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (b *Board) UnmarshalJSON(raw []byte) error {
	var w boardWire
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	*b = Board(w.boardAlias)
	b.LastPost = w.lastWire.stamp()
	return nil
}

type authorAlias Author

type authorWire struct {
	authorAlias
	JoinedAt            *time.Time `json:"joined_at,omitempty"`
	JoinedRaw           string     `json:"joined_raw,omitempty"`
	JoinedPrecision     Precision  `json:"joined_precision,omitempty"`
	JoinedTZ            Zone       `json:"joined_tz,omitempty"`
	LastActiveAt        *time.Time `json:"last_active_at,omitempty"`
	LastActiveRaw       string     `json:"last_active_raw,omitempty"`
	LastActivePrecision Precision  `json:"last_active_precision,omitempty"`
	LastActiveTZ        Zone       `json:"last_active_tz,omitempty"`
}

// MarshalJSON writes the stamps as flat fields.
func (a Author) MarshalJSON() ([]byte, error) {
	return marshal(authorWire{authorAlias(a),
		a.Joined.at(), a.Joined.Raw, a.Joined.Precision, a.Joined.Zone,
		a.LastActive.at(), a.LastActive.Raw, a.LastActive.Precision, a.LastActive.Zone})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *Author) UnmarshalJSON(b []byte) error {
	var w authorWire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*a = Author(w.authorAlias)
	a.Joined = stampOf(w.JoinedAt, w.JoinedRaw, w.JoinedPrecision, w.JoinedTZ)
	a.LastActive = stampOf(w.LastActiveAt, w.LastActiveRaw, w.LastActivePrecision, w.LastActiveTZ)
	return nil
}

type pollAlias Poll

type pollWire struct {
	pollAlias
	ClosesAt        *time.Time `json:"closes_at,omitempty"`
	ClosesRaw       string     `json:"closes_raw,omitempty"`
	ClosesPrecision Precision  `json:"closes_precision,omitempty"`
	ClosesTZ        Zone       `json:"closes_tz,omitempty"`
}

// MarshalJSON writes the stamp as flat fields.
func (p Poll) MarshalJSON() ([]byte, error) {
	return marshal(pollWire{pollAlias(p), p.Closes.at(), p.Closes.Raw, p.Closes.Precision, p.Closes.Zone})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Poll) UnmarshalJSON(b []byte) error {
	var w pollWire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*p = Poll(w.pollAlias)
	p.Closes = stampOf(w.ClosesAt, w.ClosesRaw, w.ClosesPrecision, w.ClosesTZ)
	return nil
}
