package index

import (
	"strconv"
	"testing"

	"forumine/extract/forum"
)

// An author who wrote on many pages has a contribution of each.
func BenchmarkFoldAuthor(b *testing.B) {
	for _, pages := range []int{1, 100, 1000} {
		var cs []forum.Contribution
		for n := range pages {
			count := int64(n)
			page := &forum.Page{Kind: forum.KindThread, Posts: []forum.Post{{ID: "1", State: forum.PostVisible,
				Author: &forum.Author{ID: "7", Name: "Ada Fenn", PostCount: &count, Fields: map[string]string{"tool": "lathe"}}}}}
			all := Contributions(SiteInfo{ID: "s"}, page, testProv(strconv.Itoa(n), n))
			cs = append(cs, all[len(all)-1])
		}
		f := NewFolder()
		b.Run(strconv.Itoa(pages), func(b *testing.B) {
			for b.Loop() {
				if _, err := f.Fold(cs[0].Doc, cs, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
