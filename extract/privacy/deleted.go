package privacy

import (
	"hash/maphash"
	"strings"
	"unicode"
)

// DeletedWords are the words of posts whose words are not to be kept: what an
// audit looks for behind the step. The zero value is not ready: use NewDeletedWords.
type DeletedWords struct {
	seed    maphash.Seed
	phrases map[uint64]string // keys of posts, by the hash of some words in a row
	posts   map[string]bool
}

// NewDeletedWords begins a collection.
func NewDeletedWords() *DeletedWords {
	return &DeletedWords{seed: maphash.MakeSeed(), phrases: map[uint64]string{}, posts: map[string]bool{}}
}

// FoundDeleted is the finding of a deleted post's words, or of its author, in
// what is kept of that post or of its thread.
const FoundDeleted = "deleted"

// phraseWords is how many words in a row are a post's own; leastWords is how many
// a post must have to be looked for: "thank you" is everybody's.
const phraseWords, leastWords = 6, 3

// Add takes down the words of a post.
func (d *DeletedWords) Add(post, text string) {
	d.posts[post] = true
	d.each(text, func(phrase uint64, _ string) bool {
		d.phrases[phrase] = post
		return true
	})
}

// Posts is how many posts are looked for.
func (d *DeletedWords) Posts() int { return len(d.posts) }

// IsDeleted tells whether a key is that of such a post, or of one of its
// revisions.
func (d *DeletedWords) IsDeleted(key string) bool {
	if d.posts[key] {
		return true
	}
	i := strings.LastIndexByte(key, '|')
	return i > 0 && d.posts[key[:i]]
}

// Find gives the first words of a text that a deleted post has, too; "" where
// there are none.
func (d *DeletedWords) Find(text string) (found string) {
	if len(d.phrases) == 0 {
		return ""
	}
	d.each(text, func(phrase uint64, words string) bool {
		if d.phrases[phrase] != "" {
			found = words
		}
		return found == ""
	})
	return found
}

// each calls fn for all runs of words of a text, until it says no. A text that is
// shorter than a run is one itself.
func (d *DeletedWords) each(text string, fn func(phrase uint64, words string) bool) {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) < leastWords {
		return
	}
	for i := 0; i == 0 || i+phraseWords <= len(words); i++ {
		run := strings.Join(words[i:min(i+phraseWords, len(words))], " ")
		if !fn(maphash.String(d.seed, run), run) {
			return
		}
	}
}
