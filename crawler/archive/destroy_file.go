package archive

import (
	"errors"
	"io"
	"os"
)

// plan finds what goes of one file.
func (w *destroying) plan(s span) (destroyPlan, error) {
	p := destroyPlan{destroyedFile: destroyedFile{File: s.name}, span: s}
	stays := 0
	var err error
	if s.sealed {
		stays, err = w.planFrames(s, &p)
	} else {
		stays, err = w.planRecords(s, &p)
	}
	p.Removed = stays == 0
	return p, err
}

// take notes that a capture goes.
func (w *destroying) take(p *destroyPlan, f frame, bytes int64) {
	p.going = append(p.going, f)
	p.Captures++
	p.Bytes += bytes
	if p.Oldest.IsZero() || f.date.Before(p.Oldest) {
		p.Oldest = f.date.UTC()
	}
	if f.date.After(p.Newest) {
		p.Newest = f.date.UTC()
	}
}

// planFrames looks at an encrypted file by the heads of its frames alone.
func (w *destroying) planFrames(s span, p *destroyPlan) (stays int, err error) {
	f, err := os.Open(s.path(w.a.dir))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	goes := false
	wrong, err := eachFrame(f, s.name, info.Size(), func(fr frame) error {
		switch fr.kind {
		case frameCapture:
			if goes = fr.date.Before(w.before); goes {
				w.take(p, fr, frameHead+fr.sealed)
				return nil
			}
			stays++
		case frameCopy: // of the age of what refers to it
			if goes = fr.date.Before(w.before); goes {
				w.take(p, fr, frameHead+fr.sealed)
				p.Captures--
				return nil
			}
			stays++
		case frameRest:
			if goes {
				p.going = append(p.going, fr)
				p.Bytes += frameHead + fr.sealed
			}
		}
		return nil
	})
	return stays + len(wrong), err
}

// planRecords reads a plain file. What cannot be read has no date: it goes with
// the capture before it.
func (w *destroying) planRecords(s span, p *destroyPlan) (stays int, err error) {
	f, err := os.Open(s.path(w.a.dir))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	in := openMembers(w.ctx, f, 0, s.end)
	open := -1 // of p.going: ends where the next record begins
	closeAt := func(offset int64) {
		if open >= 0 {
			p.going[open].length = offset - p.going[open].offset
			p.Bytes += p.going[open].length
		}
		open = -1
	}
	for {
		rec, err := in.next()
		if errors.Is(err, io.EOF) {
			closeAt(s.end)
			return stays, nil
		}
		if _, damaged := errors.AsType[*recordError](err); damaged {
			if open < 0 {
				stays++
			}
			continue
		}
		if err != nil {
			return stays, err
		}
		_, gone := destroyedAt(rec)
		switch {
		case gone:
			closeAt(rec.offset)
		case !isCapture(rec):
		case recordedAt(rec).Before(w.before):
			closeAt(rec.offset)
			open = len(p.going)
			w.take(p, frame{offset: rec.offset, date: recordedAt(rec)}, 0)
			if isCopy(rec) {
				p.Captures--
			}
			w.due[Ref{File: s.name, Offset: rec.offset}] = true
		default:
			closeAt(rec.offset)
			stays++
			if rec.typ() == typeRevisit {
				p.refer = append(p.refer, &record{version: rec.version, header: rec.header, offset: rec.offset, end: rec.end})
			}
		}
	}
}

// write writes a file without what goes.
func (w *destroying) write(p destroyPlan, to io.Writer) error {
	if p.span.sealed {
		return w.writeFrames(p, to)
	}
	parts := make([]filePart, 0, len(p.going))
	for _, fr := range p.going {
		b, err := tombstone(p.File, fr.offset, fr.length, w.at)
		if err != nil {
			return err
		}
		parts = append(parts, filePart{fr.offset, b})
	}
	return w.writeParts(p, parts, to)
}

// filePart is what a place of a plain file gets: as many bytes as stood there.
type filePart struct {
	offset int64
	bytes  []byte
}

// writeParts writes a plain file with other bytes at some places.
func (w *destroying) writeParts(p destroyPlan, parts []filePart, to io.Writer) error {
	f, err := os.Open(p.span.path(w.a.dir))
	if err != nil {
		return err
	}
	defer f.Close()
	at := int64(0)
	for _, part := range parts {
		if _, err := io.Copy(to, io.NewSectionReader(f, at, part.offset-at)); err != nil {
			return err
		}
		if _, err := to.Write(part.bytes); err != nil {
			return err
		}
		at = part.offset + int64(len(part.bytes))
	}
	_, err = io.Copy(to, io.NewSectionReader(f, at, p.span.end-at))
	return err
}

func (w *destroying) writeFrames(p destroyPlan, to io.Writer) error {
	f, err := os.Open(p.span.path(w.a.dir))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	going := map[int64]bool{}
	for _, fr := range p.going {
		going[fr.at] = true
	}
	_, err = eachFrame(f, p.File, info.Size(), func(fr frame) error {
		if !going[fr.at] {
			_, err := io.Copy(to, io.NewSectionReader(f, fr.at, fr.end()-fr.at))
			return err
		}
		gone := frame{kind: frameDestroyed, offset: fr.offset, length: fr.length, date: w.at}
		_, err := to.Write(gone.bytes(nil))
		return err
	})
	return err
}

// copies gives each revisit record of a file that stays, and whose original goes, a
// copy at the end of the archive, and what stands in its place from now on.
func (w *destroying) copies(p destroyPlan) ([]filePart, error) {
	var out []filePart
	for _, rec := range p.refer {
		from, err := ParseRef(rec.header.Get(fieldOriginal))
		if err != nil || !w.due[from] && (!w.all || rec.header.Get(fieldMoved) != "") {
			continue
		}
		ref := Ref{File: p.File, Offset: rec.offset}
		e, err := w.a.Read(w.ctx, ref)
		if err != nil {
			return nil, err
		}
		to, err := w.a.appendCopy(e, ref)
		if err != nil {
			return nil, err
		}
		b, err := movedMember(rec, to)
		if err != nil {
			return nil, err
		}
		out = append(out, filePart{rec.offset, b})
	}
	return out, nil
}

// appendCopy stores the payload of a revisit record whole, for that record alone.
func (a *Archive) appendCopy(e Exchange, of Ref) (Ref, error) {
	fields := append(e.optional(e.shared(typeResponse, recordID(), a.opts.Now())),
		field{"WARC-Payload-Digest", digest(e.Body)}, field{"Content-Type", typeMessageRs}, field{fieldCopyOf, of.String()})
	member, err := a.pack.member(fields, e.responseBlock())
	if err != nil {
		return Ref{}, err
	}
	whole, err := a.part(frameCopy, e.FetchedAt, member)
	if err != nil {
		return Ref{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	at, err := a.write(whole)
	return Ref{File: a.name, Offset: at}, err
}

// isCopy tells records that only serve a revisit record, which stands elsewhere.
func isCopy(rec *record) bool { return rec.header.Get(fieldCopyOf) != "" }
