package dom

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"forumine/extract/forum"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// data reads a response that is JSON and no page: what an engine's scripts fetch
// where a browser shows a page. One that calls itself JSON has to be; one that
// does not is taken at its first character, and is JSON only if all of it is.
func data(c forum.Capture, text string) (j JSON, ok bool, err error) {
	declared := strings.Contains(strings.ToLower(c.HeaderValue("Content-Type")), "json")
	if !declared && !startsData(text) {
		return JSON{}, false, nil
	}
	if j, err = wholeJSON(text); err == nil {
		return j, true, nil
	}
	if declared && !strings.HasPrefix(strings.TrimSpace(text), "<") { // else a page that the server calls JSON by mistake
		return JSON{}, false, fmt.Errorf("%w: the server calls it JSON and it is none, or it was cut short; fetch it again", ErrUnreadable)
	}
	return JSON{}, false, nil
}

func startsData(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	return text != "" && (text[0] == '{' || text[0] == '[')
}

// wholeJSON reads a text that is one JSON value and nothing else.
func wholeJSON(text string) (JSON, error) {
	if !json.Valid([]byte(text)) {
		return JSON{}, errNoData
	}
	return ParseJSON(text)
}

var errNoData = errors.New("no JSON")

// dataDocument is a document without elements.
func dataDocument(c forum.Capture, j JSON) *Document {
	d := &Document{Document: goquery.NewDocumentFromNode(&html.Node{Type: html.DocumentNode}), Charset: "utf-8", Data: j}
	d.URL = parseAddress(c.Address())
	d.Base = d.URL
	return d
}

var selOnlyPre = Sel("body > pre")

// framedData reads JSON that a browser has saved: it shows such responses as
// the one pre element of a page.
func framedData(d *Document) JSON {
	pre := d.FindMatcher(selOnlyPre)
	if pre.Length() != 1 {
		return JSON{}
	}
	text := strings.TrimSpace(pre.Text())
	if !startsData(text) || strings.TrimSpace(pre.Parent().Text()) != text {
		return JSON{}
	}
	j, err := wholeJSON(text)
	if err != nil {
		return JSON{}
	}
	return j
}
