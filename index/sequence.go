package index

import (
	"bytes"
	"strconv"
)

// WithSequence is a rendered body with the sequence of its delivery, which its
// document gets after it was rendered. A body without one stays as it is.
func WithSequence(body []byte, sequence int64) []byte {
	inner, ok := bytes.CutPrefix(body, []byte("{"))
	if !ok || sequence <= 0 {
		return body
	}
	out := make([]byte, 0, len(body)+32)
	out = append(out, `{"sequence":`...)
	out = strconv.AppendInt(out, sequence, 10)
	if !bytes.HasPrefix(bytes.TrimLeft(inner, " \t"), []byte("}")) {
		out = append(out, ',')
	}
	return append(out, inner...)
}
