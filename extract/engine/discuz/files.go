package discuz

import (
	"strings"

	"forumine/extract/dom"
	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

var (
	selFile     = dom.Sel(".pattl dl.tattl, .postattachlist dl.t_attachlist, .post_attlist > li, .box.attach, .img_one > li, .img_list > li, .pattl > ignore_js_op > dl")
	selFileLink = dom.Sel("a[href*='mod=attachment'], a[href*='attachment.php'], a[href*='action=attachpay'], .attnm a[href], a[id^='aid']")
	selFileName = dom.Sel(".attnm a, p.mbn a.xw1, p.attachname a, .tit .link, strong")
	selFileTip  = dom.Sel(".tip")
	selFileSize = dom.Sel("em.xg1, p.attnm ~ p, .tit p, em, p")
	selFilePic  = dom.Sel("img[aid], img[id^='aimg_'], img[zoomfile], img[file]")
)

// files reads the list under the text: files that it does not show, and what
// there is to say of those that it does.
func (r *reader) files(p *forum.Post, b box) {
	b.s.FindMatcher(selFile).Each(func(_ int, s *goquery.Selection) {
		if b.text != nil && within(s.Nodes[0], b.text) {
			return
		}
		if a := r.fileIn(s.Nodes[0]); a != nil {
			dom.AddFile(p, *a)
		}
	})
	dom.CountContent(p)
}

// fileIn reads one file: its name is that of its link, its id stands in the id
// of the link, of the picture or of the element around both.
func (r *reader) fileIn(n *html.Node) *forum.Attachment {
	s := goquery.NewDocumentFromNode(n).Selection
	link := dom.First(s, selFileLink)
	pic := dom.First(s, selFilePic)
	id := fileID(n, link, pic)
	name := dom.Text(dom.First(s, selFileName))
	if name == "" && link.ClosestMatcher(selFileTip).Length() == 0 {
		name = dom.Text(link)
	}
	if name == "" && pic.Length() > 0 {
		name = titledFile(pic.Nodes[0])
	}
	address := r.doc.Resolve(link.AttrOr("href", ""))
	if pic.Length() > 0 {
		if src := r.doc.Resolve(late(pic.Nodes[0])); src != "" {
			address = src
		}
	}
	if id == "" && address == "" {
		return nil
	}
	a := dom.File(id, name, address)
	sizeOf(&a, s)
	return &a
}

// titledFile is a file's name where the picture's title is one: it may as well
// describe what is to be seen.
func titledFile(img *html.Node) string {
	for _, key := range [...]string{"title", "alt"} {
		if v := dom.Attr(img, key); dom.Ext(v) != "" {
			return v
		}
	}
	return ""
}

func late(img *html.Node) string {
	for _, key := range [...]string{"zoomfile", "file", "src"} {
		if v := dom.Attr(img, key); v != "" {
			return v
		}
	}
	return ""
}

func fileID(n *html.Node, link, pic *goquery.Selection) string {
	candidates := []string{dom.IDAfter(dom.Attr(n, "id"), "attach_"), dom.IDAfter(link.AttrOr("id", ""), "aid")}
	if pic.Length() > 0 {
		candidates = append(candidates, dom.Attr(pic.Nodes[0], "aid"), dom.IDAfter(dom.Attr(pic.Nodes[0], "id"), "aimg_"))
	}
	for _, id := range candidates {
		if isNumber(id) {
			return id
		}
	}
	return ""
}

// sizeOf reads "24.5 KB, downloads: 3".
func sizeOf(a *forum.Attachment, s *goquery.Selection) {
	s.FindMatcher(selFileSize).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		text := dom.Text(e)
		if a.SizeBytes = dom.Size(text); a.SizeBytes == nil {
			return true
		}
		if _, rest, ok := strings.Cut(text, ","); ok {
			if _, value, ok := dom.CutLabel(rest); ok {
				a.ViewCount = dom.Count(value)
			}
		}
		return false
	})
}

// describe reads what hovers over a picture in the text: its name and size. The
// pop-up stands behind it, named after it.
func (r *reader) describe(a *forum.Attachment, img *html.Node) {
	box := r.doc.ByID("aimg_" + a.ID + "_menu")
	if box == nil {
		return
	}
	menu := r.doc.FindNodes(box)
	full := dom.File(a.ID, dom.Text(dom.First(menu, cssStrong)), a.URL)
	full.IsInline = true
	sizeOf(&full, menu)
	if title := dom.Attr(img, "title"); full.Filename == "" && dom.Ext(title) != "" {
		full = dom.File(a.ID, title, a.URL)
		full.IsInline = true
	}
	*a = full
}
