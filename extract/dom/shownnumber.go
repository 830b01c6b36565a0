package dom

import "forumine/extract/forum"

// NumbersBefore is how many numbers the pages before this one took, by the
// first post that shows its own; -1 when none does. Posts that count leaves
// out take no number.
func NumbersBefore(posts []forum.Post, count func(*forum.Post) bool) int64 {
	place := int64(0)
	for i := range posts {
		p := &posts[i]
		if !count(p) {
			continue
		}
		if place++; p.Position >= place {
			return p.Position - place
		}
	}
	return -1
}
