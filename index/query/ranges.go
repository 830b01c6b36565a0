package query

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const dateRange = true

// maxNumber bounds numbers in queries: whole numbers are exact up to here.
const maxNumber = 1 << 53

// newRange reads ">=10", "<2024", "10..20", "2024-03".. into a Range.
func newRange(dates bool, field, expr string) (Range, error) {
	r := Range{Field: field, Expr: expr}
	span := numberSpan
	if dates {
		span = dateSpan
	}
	if from, to, ok := strings.Cut(expr, ".."); ok {
		return r.between(span, from, to)
	}
	op, operand := cutOperator(expr)
	low, high, err := span(operand)
	if err != nil {
		return r, err
	}
	switch op {
	case ">":
		r.Low = &Limit{high.Value, !high.Inclusive}
	case ">=":
		r.Low = &low
	case "<":
		r.High = &Limit{low.Value, false}
	case "<=":
		r.High = &high
	default:
		r.Low, r.High = &low, &high
	}
	return r, nil
}

func (r Range) between(span func(string) (Limit, Limit, error), from, to string) (Range, error) {
	if from == "" && to == "" {
		return r, errors.New("a range needs at least one end, as in 10..20")
	}
	if from != "" {
		low, _, err := span(from)
		if err != nil {
			return r, err
		}
		r.Low = &low
	}
	if to != "" {
		_, high, err := span(to)
		if err != nil {
			return r, err
		}
		r.High = &high
	}
	if r.Low != nil && r.High != nil && r.Low.Value > r.High.Value {
		return r, fmt.Errorf("the range %s ends before it begins; swap its ends", r.Expr)
	}
	return r, nil
}

func cutOperator(s string) (op, rest string) {
	for _, op := range []string{">=", "<=", ">", "<", "="} {
		if rest, ok := strings.CutPrefix(s, op); ok {
			return op, rest
		}
	}
	return "", s
}

// numberSpan is a number as a range of one value.
func numberSpan(s string) (Limit, Limit, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || strings.ContainsAny(s, "xXpP_iI") {
		return Limit{}, Limit{}, fmt.Errorf("%q is not a number; write as in 10, >=10, <2.5 or 10..20", s)
	}
	if math.Abs(v) > maxNumber {
		return Limit{}, Limit{}, fmt.Errorf("%q is beyond ±%d; leave that end of the range open", s, maxNumber)
	}
	return Limit{v, true}, Limit{v, true}, nil
}

// dateForms are the accepted forms with the length of what they name.
func dateForms() []struct {
	layout string
	end    func(time.Time) time.Time
} {
	minute := func(t time.Time) time.Time { return t.Add(time.Minute) }
	second := func(t time.Time) time.Time { return t.Add(time.Second) }
	return []struct {
		layout string
		end    func(time.Time) time.Time
	}{
		{"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
		{"2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
		{"2006-01-02", func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
		{"2006-01-02T15:04", minute},
		{"2006-01-02T15:04Z07:00", minute},
		{"2006-01-02T15:04:05", second},
		{"2006-01-02T15:04:05Z07:00", second},
	}
}

// dateSpan is the time from the beginning of a year, month, day, minute or
// second to just before its end. A time without an offset is UTC.
func dateSpan(s string) (Limit, Limit, error) {
	for _, f := range dateForms() {
		if len(s) > len(f.layout) || strings.ContainsAny(s, ".,") { // no fractions of a second
			continue
		}
		t, err := time.Parse(f.layout, s)
		if err != nil || t.Year() < 1 || t.Year() > 9998 {
			continue
		}
		return Limit{float64(t.UnixMilli()), true}, Limit{float64(f.end(t).UnixMilli()), false}, nil
	}
	return Limit{}, Limit{}, fmt.Errorf("%q is not a date; write 2024, 2024-03, 2024-03-05 or 2024-03-05T10:30, with >=, <=, > or < before it if wanted", s)
}

// contains tells whether a value lies in the range.
func (r Range) contains(v float64) bool {
	if l := r.Low; l != nil && (v < l.Value || v == l.Value && !l.Inclusive) {
		return false
	}
	if h := r.High; h != nil && (v > h.Value || v == h.Value && !h.Inclusive) {
		return false
	}
	return true
}
