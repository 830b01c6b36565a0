package main

import (
	"slices"
	"strings"

	"forumine/crawler"

	"github.com/spf13/pflag"
)

// mediaFlags say which files of posts are fetched.
type mediaFlags struct {
	media    string
	maxBytes int64
	maxFiles int
	maxTotal int64
}

func (f *mediaFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.media, "media", string(crawler.MediaNone), "files of posts that are fetched into the archive, never read: none; attachments; images, which are attachments and the images that posts show, on other hosts too. What a crawl finds beyond these limits is set aside for the next one")
	fl.Int64Var(&f.maxBytes, "media-max-bytes", crawler.DefaultFileBytes, "largest file")
	fl.IntVar(&f.maxFiles, "media-files", crawler.DefaultFiles, "files of one run at most")
	fl.Int64Var(&f.maxTotal, "media-bytes", crawler.DefaultFilesTotal, "bytes of files after which a run begins no further one")
}

// check refuses what makes no sense. Files may lead to any host.
func (f *mediaFlags) check(contact string) error {
	if f.media == "" {
		return nil
	}
	if !slices.Contains(crawler.AllMedia(), crawler.Media(f.media)) {
		return misuse("--media %q is none of %s", f.media, mediaNames())
	}
	if f.maxBytes <= 0 || f.maxFiles <= 0 || f.maxTotal <= 0 {
		return misuse("--media-max-bytes, --media-files and --media-bytes are limits: give them as positive numbers")
	}
	if crawler.Media(f.media) != crawler.MediaNone && contact == "" {
		return misuse("--media %s may lead to other hosts, whose operators must be able to reach you: add --contact with an e-mail address or a web page", f.media)
	}
	return nil
}

func mediaNames() string {
	var names []string
	for _, m := range crawler.AllMedia() {
		names = append(names, string(m))
	}
	return strings.Join(names, ", ")
}

// files are a crawl's options; check has passed.
func (f *mediaFlags) files() crawler.Files {
	return crawler.Files{Media: crawler.Media(f.media), MaxBytes: f.maxBytes, MaxFiles: f.maxFiles, MaxTotal: f.maxTotal}
}
