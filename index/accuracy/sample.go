// Package accuracy measures how far documents can be trusted: it draws posts at
// random for a person to judge, and tells from the judgements how accurate each
// field is, with intervals.
package accuracy

import (
	"cmp"
	"container/heap"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"strings"
)

// Unit is one post that can be drawn.
type Unit struct {
	Key    string `json:"key"`
	Engine string `json:"engine"`
	Board  string `json:"board"`
}

func (u Unit) stratum() string { return u.Engine + "\x00" + u.Board }

// Sample draws n units at random, spread over engines and boards in proportion to
// their posts: systematic sampling from the units in the order of engine, board
// and chance. Every unit is drawn with the same probability, so that a share of
// the sample estimates the share of all without weights; spreading it makes
// intervals for simple random samples too wide rather than too narrow.
//
// each goes through all units, any number of times alike; equal units and seeds
// give equal samples, whatever their order. Memory is bound by the boards and by
// n. With fewer units than n, all are drawn. The sample comes in the order of
// chance, so that a part of it, too, is spread.
func Sample(seed uint64, n int, each func(fn func(Unit) error) error) ([]Unit, error) {
	counts := map[string]int{}
	total := 0
	err := each(func(u Unit) error {
		counts[u.stratum()]++
		total++
		return nil
	})
	if err != nil {
		return nil, err
	}
	wanted := allot(seed, min(n, total), total, counts)
	drawn := map[string]*lowest{}
	err = each(func(u Unit) error {
		most := wanted[u.stratum()]
		if most == 0 {
			return nil
		}
		l := drawn[u.stratum()]
		if l == nil {
			l = &lowest{}
			drawn[u.stratum()] = l
		}
		heap.Push(l, ticket{chance(seed, u.Key), u})
		if l.Len() > most {
			heap.Pop(l)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var all lowest
	for _, l := range drawn {
		all = append(all, *l...)
	}
	slices.SortFunc(all, compareTickets)
	out := make([]Unit, len(all))
	for i, t := range all {
		out[i] = t.unit
	}
	return out, nil
}

// allot says how many units each stratum gives: as many as there are points at
// equal distances, from a random start, on its part of the line of all units.
func allot(seed uint64, n, total int, counts map[string]int) map[string]int {
	out := map[string]int{}
	if n == 0 {
		return out
	}
	step := float64(total) / float64(n)
	start := float64(chance(seed, "")) / math.Exp2(64)
	next, end := start*step, 0.0
	for _, name := range slices.SortedFunc(maps.Keys(counts), strings.Compare) {
		end += float64(counts[name])
		for next < end && out[name] < counts[name] {
			out[name]++
			next += step
		}
	}
	return out
}

// chance is a number that seed and key alone decide.
func chance(seed uint64, key string) uint64 {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], seed)
	sum := sha256.Sum256(append(b[:], key...))
	return binary.LittleEndian.Uint64(sum[:8])
}

type ticket struct {
	n    uint64
	unit Unit
}

func compareTickets(a, b ticket) int {
	return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.unit.Key, b.unit.Key))
}

// lowest is a heap with the greatest ticket on top.
type lowest []ticket

func (l lowest) Len() int           { return len(l) }
func (l lowest) Less(i, j int) bool { return compareTickets(l[i], l[j]) > 0 }
func (l lowest) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }

// Push adds a ticket; for container/heap alone.
func (l *lowest) Push(x any) {
	if t, ok := x.(ticket); ok {
		*l = append(*l, t)
	}
}

// Pop takes the last ticket off; for container/heap alone.
func (l *lowest) Pop() any {
	old := *l
	t := old[len(old)-1]
	*l = old[:len(old)-1]
	return t
}
