package phpbb3

import (
	"regexp"
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selAttachBox = dom.Sel(".attachbox dl.file, .attachbox dl.thumbnail, .attachments dl.file, .attachments dl.thumbnail")
	selFileLink  = dom.Sel("a.postlink[href], dt a[href*='file.php'], a[href*='file.php']")
	selFileImg   = dom.Sel("img.postimage[src], dt img[src], img[src*='file.php']")
	selFileCell  = dom.Sel("td.row1, td.row2")
	selFileAny   = dom.Sel("a[href*='file.php'], img[src*='file.php']:not([src*='avatar='])")
	// "name.ext (12.3 KiB) Downloaded 4 times", in subsilver2
	// "name.ext [ 12.3 KiB | Viewed 4 times ]": the name may have brackets too.
	reFileLine = regexp.MustCompile(`^(.*?)\s*[(\[]\s*([\d.,\s]+[^\d\s()\[\]|]{1,8})\s*(?:[)\]|]\s*(.*))?$`)
)

// files reads the files below a post; those within its text came with the body.
func (r *reader) files(p *forum.Post, s *goquery.Selection) {
	s.FindMatcher(selAttachBox).Each(func(_ int, f *goquery.Selection) {
		if a := r.file(f.Nodes[0]); a != nil {
			dom.AddFile(p, *a)
		}
	})
	s.FindMatcher(selFileCell).Each(func(_ int, f *goquery.Selection) {
		if dom.Has(f, selFileAny) && !dom.Has(f, selPostPart) && dom.Closest(f.Nodes[0], selPostPart) == nil {
			if a := r.file(f.Nodes[0]); a != nil {
				dom.AddFile(p, *a)
			}
		}
	})
	dom.CountContent(p)
}

// filePart is a file within a body.
func (r *reader) filePart(n *html.Node) dom.Part {
	a := r.file(n)
	if a == nil {
		return dom.Part{Role: dom.Drop}
	}
	a.IsInline = true
	return dom.Part{Role: dom.Attachment, Attachment: a}
}

// inlinePart is the frame around a file in the text. What else it may hold is
// the engine's: that the file may not be seen.
func (r *reader) inlinePart(n *html.Node) dom.Part {
	if dom.Find(n, selFile) != nil {
		return dom.Part{Role: dom.Plain}
	}
	return r.filePart(n)
}

// file reads one file: its link or picture, and the line with name, size and
// count. The alternative text of a picture is the comment, where there is one.
func (r *reader) file(n *html.Node) *forum.Attachment {
	link, img := dom.Find(n, selFileLink), dom.Find(n, selFileImg)
	href := dom.Attr(link, "href")
	if href == "" {
		href = dom.Attr(img, "src")
	}
	if href == "" {
		return nil
	}
	a := dom.File("", "", r.resolve(href))
	if id := dom.Param(a.URL, "id"); isID(id) {
		a.ID = id
	}
	name := dom.NodeText(link)
	for _, line := range fileLines(n, img) {
		m := reFileLine.FindStringSubmatch(line)
		size := (*int64)(nil)
		if m != nil {
			size = dom.Size(m[2])
		}
		if size == nil {
			continue
		}
		a.SizeBytes, a.ViewCount = size, dom.Count(m[3])
		if m[1] != "" && name == "" {
			name = strings.TrimSpace(m[1])
		}
	}
	if name == "" {
		name = dom.Attr(img, "alt")
	}
	f := dom.File(a.ID, name, a.URL)
	f.SizeBytes, f.ViewCount = a.SizeBytes, a.ViewCount
	return &f
}

var (
	selLines  = dom.Sel("dd, span.genmed, span.gensmall")
	selRemark = dom.Sel("em, b")
)

// fileLines are the texts that may name a file's size: the picture's title of
// a thumbnail, the lines below.
func fileLines(n, img *html.Node) []string {
	out := []string{dom.Attr(img, "title")}
	var tail string
	goquery.NewDocumentFromNode(n).FindMatcher(selLines).Each(func(_ int, e *goquery.Selection) {
		if dom.Has(e, selRemark) {
			return
		}
		text := dom.Text(e)
		if !strings.ContainsAny(text, "([") && tail != "" { // subsilver2 counts on a line of its own
			out[len(out)-1] += " " + text
			return
		}
		tail = text
		out = append(out, text)
	})
	return out
}

var (
	selThanks     = dom.Sel("[id^='list_thanks']")
	selThanksHead = dom.Sel("dt")
	selThanksList = dom.Sel("dd")
	selThanker    = dom.Sel("a, span.username, span.username-coloured")
	selLove       = dom.Sel(".postlove-count, .postlove [id^='like_'], [id^='like_'][title]")
	selReaction   = dom.Sel(".img_post_react_display")
	reParen       = regexp.MustCompile(`\([^()]*\)`)
)

// reactions reads what the common add-ons show: thanks with their givers,
// likes with a count, reactions of several kinds.
func (r *reader) reactions(s *goquery.Selection) *forum.Reactions {
	if box := dom.First(s, selThanks); box.Length() > 0 {
		return thanks(box)
	}
	if e := dom.First(s, selLove); e.Length() > 0 {
		return loves(e)
	}
	out := &forum.Reactions{ByType: map[string]int64{}}
	s.FindMatcher(selReaction).Each(func(_ int, e *goquery.Selection) {
		kind, n := dom.Slug(e.FindMatcher(selImg).AttrOr("alt", "")), dom.Count(dom.Text(e))
		if kind == "" || n == nil {
			return
		}
		out.ByType[kind] += *n
		out.Types = append(out.Types, kind)
		out.Total += *n
	})
	if out.Total == 0 {
		return nil
	}
	return out
}

// thanks reads the list "A, B and 3 more users"; its heading may count them.
func thanks(box *goquery.Selection) *forum.Reactions {
	list := dom.First(box, selThanksList)
	var names []string
	list.FindMatcher(selThanker).Each(func(_ int, e *goquery.Selection) {
		if name := dom.Text(e); name != "" && !dom.Has(e, selThanker) {
			names = append(names, name)
		}
	})
	rest := strings.Trim(reParen.ReplaceAllString(dom.TextWithout(list, selThanker), ""), " ,.•;")
	out := dom.Others(names, rest)
	head := dom.TextWithout(dom.First(box, selThanksHead), selThanker)
	if n := dom.Count(head); n != nil && *n > out.Total {
		out.Total, out.UsersComplete = *n, false
	}
	return liked(out)
}

func liked(out forum.Reactions) *forum.Reactions {
	if out.Total == 0 {
		return nil
	}
	like := out.Total
	out.Like, out.Types, out.ByType = &like, []string{"like"}, map[string]int64{"like": like}
	return &out
}

// loves reads a counter whose title lists the givers.
func loves(e *goquery.Selection) *forum.Reactions {
	n := dom.Count(dom.Text(e))
	if n == nil || *n <= 0 {
		return nil
	}
	out := forum.Reactions{Total: *n}
	if names := strings.Split(e.AttrOr("title", ""), ", "); int64(len(names)) == *n && names[0] != "" {
		out.Users, out.UsersComplete = names, true
	}
	return liked(out)
}
