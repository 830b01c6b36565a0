package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"forumine/index/accuracy"
)

// auditHead is the first line of an audit's file: what was drawn, and how.
type auditHead struct {
	Seed      uint64          `json:"seed"`
	Sample    int             `json:"sample"`
	Selection string          `json:"selection,omitempty"`
	Of        int             `json:"of"` // posts that the sample was drawn from
	Extractor int             `json:"extractor"`
	Drawn     []accuracy.Unit `json:"drawn"`
}

// auditBook is an audit's file: the head, then a line for each judgement. Of a
// post that was judged again the last one counts.
type auditBook struct {
	head auditHead
	said map[string]accuracy.Judgement
	file *os.File
}

// openAuditBook opens an audit's file, or begins one with what draw draws.
func openAuditBook(name string, want auditHead, draw func() (auditHead, error)) (*auditBook, error) {
	b := &auditBook{said: map[string]accuracy.Judgement{}}
	raw, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		if err := b.begin(name, draw); err != nil {
			return nil, errors.Join(err, b.Close())
		}
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening the audit: %w", plainPath(err))
	}
	whole, err := b.read(raw)
	if err = errors.Join(err, raw.Close()); err != nil {
		return nil, fmt.Errorf("reading the audit in %s: %w", name, err)
	}
	if b.head.Seed != want.Seed || b.head.Sample != want.Sample || b.head.Selection != want.Selection {
		return nil, misuse("%s holds another audit (--sample %d --seed %d, selected: %s): repeat its flags to go on with it, or name another --file", name, b.head.Sample, b.head.Seed, dash(b.head.Selection))
	}
	if b.file, err = os.OpenFile(name, os.O_RDWR, 0); err == nil {
		_, err = b.file.Seek(whole, 0)
	}
	if err == nil {
		err = b.file.Truncate(whole) // a line that a crash has left half-written
	}
	if err != nil {
		return nil, fmt.Errorf("opening the audit: %w", plainPath(err))
	}
	return b, nil
}

func (b *auditBook) begin(name string, draw func() (auditHead, error)) error {
	var err error
	if b.head, err = draw(); err != nil || len(b.head.Drawn) == 0 {
		return err
	}
	if b.file, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return fmt.Errorf("beginning the audit: %w", plainPath(err))
	}
	return b.line(b.head)
}

// read takes the lines in, and tells how many bytes are whole lines.
func (b *auditBook) read(f *os.File) (whole int64, err error) {
	in := bufio.NewReader(f)
	for n := 0; ; n++ {
		line, err := in.ReadBytes('\n')
		if err != nil {
			if n == 0 {
				return 0, errors.New("it is empty: remove it, and the audit begins anew")
			}
			return whole, nil
		}
		if n == 0 {
			err = json.Unmarshal(line, &b.head)
		} else {
			var j accuracy.Judgement
			err = json.Unmarshal(line, &j)
			b.said[j.Key] = j
		}
		if err != nil {
			return whole, fmt.Errorf("line %d: %w", n+1, err)
		}
		whole += int64(len(line))
	}
}

func (b *auditBook) line(v any) error {
	raw, err := json.Marshal(v)
	if err == nil {
		_, err = b.file.Write(append(raw, '\n'))
	}
	if err == nil {
		err = b.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("keeping a judgement: %w", err)
	}
	return nil
}

func (b *auditBook) keep(j accuracy.Judgement) error {
	b.said[j.Key] = j
	return b.line(j)
}

// first is the place of the first post that is not judged.
func (b *auditBook) first() int {
	for i, u := range b.head.Drawn {
		if _, done := b.said[u.Key]; !done {
			return i
		}
	}
	return len(b.head.Drawn)
}

// judgements are those that count, in the order of the sample.
func (b *auditBook) judgements() []accuracy.Judgement {
	var out []accuracy.Judgement
	for _, u := range b.head.Drawn {
		if j, ok := b.said[u.Key]; ok {
			out = append(out, j)
		}
	}
	return out
}

// Close ends the file.
func (b *auditBook) Close() error {
	if b.file == nil {
		return nil
	}
	return b.file.Close()
}
