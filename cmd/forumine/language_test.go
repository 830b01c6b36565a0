package main

import (
	"log/slog"
	"sync/atomic"
	"testing"

	"forumine/crawler/state"
	"forumine/extract/forum"
	"forumine/extract/privacy"
	"forumine/index"
)

// rewording is a step that changes pages as a test says.
type rewording struct {
	privacy.Step
	change func(*forum.Page) *forum.Page
}

func (r rewording) Page(_ string, p *forum.Page, _ privacy.Canonical) *forum.Page { return r.change(p) }

// TestLanguageOfUnchangedPosts reads all of an archive again: no post is asked
// for its language but the one whose words have changed.
func TestLanguageOfUnchangedPosts(t *testing.T) {
	_, url := serveDemo(t)
	data := t.TempDir()
	crawlLocal(t, data, url+"threads/loft-dipole-the-whole-build.42/")
	var asked atomic.Int64
	again := func(change func(*forum.Page) *forum.Page) int {
		t.Helper()
		p, err := openPipeline(t.Context(), pipelineOptions{data: data}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		}()
		if err := p.store.Close(); err != nil {
			t.Fatal(err)
		}
		counting := index.NewFolderWith(func(string) (string, float64) { asked.Add(1); return "", 0 })
		if p.store, err = state.Open(t.Context(), data, state.Options{Folder: folder{counting}, Log: p.log}); err != nil {
			t.Fatal(err)
		}
		p.reader.privacy = rewording{change: change}
		n, err := p.reread(t.Context(), rereadAll, nil)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := again(func(p *forum.Page) *forum.Page { return p }); n < 3 || asked.Load() != 0 {
		t.Errorf("%d pages read again unchanged, %d languages asked for", n, asked.Load())
	}
	again(func(p *forum.Page) *forum.Page {
		for i := range p.Posts {
			if p.Posts[i].ID == "661" {
				p.Posts[i].Body.Text += " Edited since."
			}
		}
		return p
	})
	if asked.Load() != 1 {
		t.Errorf("one post has changed, %d languages asked for", asked.Load())
	}
}
