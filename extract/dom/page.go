package dom

import (
	"path"
	"strings"

	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
)

// Gaps collects the fields that should be there and are not.
type Gaps []forum.Gap

// Add records a gap.
func (g *Gaps) Add(path, reason string) { *g = append(*g, forum.Gap{Path: path, Reason: reason}) }

// Bool is a pointer to a truth value that a page states.
//
//go:fix inline
func Bool(b bool) *bool { return new(b) }

// Ext is the lower-case extension of a file name without its dot, or "".
func Ext(filename string) string {
	ext := strings.TrimPrefix(strings.ToLower(path.Ext(filename)), ".")
	if len(ext) > 8 || strings.ContainsAny(ext, " /?&=") {
		return ""
	}
	return ext
}

// mediaTypes are the types of files that forums attach most.
var mediaTypes = map[string]string{
	"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "svg": "image/svg+xml", "bmp": "image/bmp", "heic": "image/heic",
	"pdf": "application/pdf", "zip": "application/zip", "rar": "application/vnd.rar", "7z": "application/x-7z-compressed", "gz": "application/gzip", "txt": "text/plain", "log": "text/plain",
	"csv": "text/csv", "json": "application/json", "xml": "application/xml", "mp3": "audio/mpeg", "ogg": "audio/ogg", "wav": "audio/wav", "mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime",
	"doc": "application/msword", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "xls": "application/vnd.ms-excel", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// File describes an attachment by its name as shown.
func File(id, filename, url string) forum.Attachment {
	ext := Ext(filename)
	return forum.Attachment{ID: id, Filename: filename, URL: url, Ext: ext, MediaType: mediaTypes[ext]}
}

// AddFile adds an attachment to a post unless the same file, by id, else by
// address, is there already: inline pictures stand in the file list again.
func AddFile(p *forum.Post, a forum.Attachment) {
	for i := range p.Attachments {
		have := &p.Attachments[i]
		same := a.ID != "" && have.ID == a.ID
		if a.ID == "" || have.ID == "" {
			same = a.URL != "" && have.URL == a.URL
		}
		if same {
			mergeFile(have, a)
			return
		}
	}
	p.Attachments = append(p.Attachments, a)
}

func mergeFile(have *forum.Attachment, a forum.Attachment) {
	if have.Filename == "" || (have.Ext == "" && a.Ext != "") {
		have.Filename, have.Ext, have.MediaType = a.Filename, a.Ext, a.MediaType
	}
	if have.SizeBytes == nil {
		have.SizeBytes = a.SizeBytes
	}
	if have.ViewCount == nil {
		have.ViewCount = a.ViewCount
	}
}

// Others reads the total of a sentence of the form "A, B and 115 others": the
// names shown and the number in the link or text that stands for the rest.
func Others(names []string, rest string) forum.Reactions {
	r := forum.Reactions{Users: names, Total: int64(len(names)), UsersComplete: true}
	if n, _, ok := Number(rest); ok && n > 0 {
		r.Total += n
		r.UsersComplete = false
	}
	return r
}

// EachNode calls do for every match in document order.
func EachNode(s *goquery.Selection, m goquery.Matcher, do func(i int, e *goquery.Selection)) {
	s.FindMatcher(m).Each(do)
}

// OPFlags marks the posts of a thread's starter, where the page names them. A name
// that a board gives to all who give none tells of the first post alone.
func OPFlags(p *forum.Page) {
	if p.Thread == nil || p.Thread.Author == nil {
		return
	}
	op := p.Thread.Author
	for i := range p.Posts {
		a := p.Posts[i].Author
		if a == nil {
			continue
		}
		switch {
		case op.ID != "":
			a.IsOP = a.ID == op.ID
		case op.Name != "":
			a.IsOP = a.Name == op.Name && (p.Posts[i].IsFirst || !IsNobody(op.Name))
		}
	}
}
