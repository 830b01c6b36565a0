package accuracy

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The intervals of published tables and of the closed forms at the ends.
func TestInterval(t *testing.T) {
	for _, c := range []struct {
		right, n  int
		low, high float64
	}{
		{0, 0, 0, 1},
		{0, 10, 0, 1 - math.Pow(0.025, 0.1)},
		{10, 10, math.Pow(0.025, 0.1), 1},
		{5, 10, 0.187086, 0.812914},
		{95, 100, 0.887165, 0.983571},
		{1, 1, 0.025, 1},
		{990, 1000, 0.981689, 0.995195},
	} {
		low, high := Interval(c.right, c.n)
		if math.Abs(low-c.low) > 1e-5 || math.Abs(high-c.high) > 1e-5 {
			t.Errorf("%d of %d: %.6f to %.6f, want %.6f to %.6f", c.right, c.n, low, high, c.low, c.high)
		}
	}
}

// population is one of several engines and boards of very different sizes.
func population(boards int) []Unit {
	var out []Unit
	for b := range boards {
		for p := range 5 + b*b%400 {
			out = append(out, Unit{Key: fmt.Sprintf("s|post|%d-%d", b, p), Engine: fmt.Sprintf("engine%d", b%3), Board: fmt.Sprintf("board%d", b)})
		}
	}
	return out
}

func over(units []Unit) func(func(Unit) error) error {
	return func(fn func(Unit) error) error {
		for _, u := range units {
			if err := fn(u); err != nil {
				return err
			}
		}
		return nil
	}
}

func draw(t *testing.T, seed uint64, n int, units []Unit) []Unit {
	t.Helper()
	out, err := Sample(seed, n, over(units))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSample(t *testing.T) {
	units := population(40)
	a := draw(t, 7, 100, units)
	shuffled := slices.Clone(units)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if b := draw(t, 7, 100, shuffled); !slices.Equal(a, b) {
		t.Error("the order of the posts changes the sample")
	}
	if b := draw(t, 8, 100, units); slices.Equal(a, b) {
		t.Error("the seed does not change the sample")
	}
	seen := map[Unit]bool{}
	byBoard := map[string]int{}
	for _, u := range a {
		if seen[u] {
			t.Errorf("%s is drawn twice", u.Key)
		}
		seen[u] = true
		byBoard[u.stratum()]++
	}
	size := map[string]int{}
	for _, u := range units {
		size[u.stratum()]++
	}
	for s, n := range size { // no board is off its share by one or more
		share := 100 * float64(n) / float64(len(units))
		if math.Abs(float64(byBoard[s])-share) >= 1+1e-9 {
			t.Errorf("%q has %d posts, its share is %.2f", s, byBoard[s], share)
		}
	}
	if len(a) != 100 || len(draw(t, 7, 10, units[:3])) != 3 || len(draw(t, 7, 0, units)) != 0 || len(draw(t, 7, 5, nil)) != 0 {
		t.Error("the sample has another size")
	}
}

// Every post is drawn with the same probability.
func TestSampleIsFair(t *testing.T) {
	units := population(8)
	const rounds, n = 1000, 20
	times := map[string]int{}
	for seed := range rounds {
		for _, u := range draw(t, uint64(seed), n, units) {
			times[u.Key]++
		}
	}
	want := float64(rounds*n) / float64(len(units))
	for _, u := range units {
		if got := float64(times[u.Key]); math.Abs(got-want) > 6*math.Sqrt(want) {
			t.Errorf("%s is drawn %.0f times, want about %.0f", u.Key, got, want)
		}
	}
}

// A thousand audits of populations whose accuracy is known, and differs from board
// to board: the intervals cover the truth in at least 94 of 100.
func TestIntervalsCoverTheTruth(t *testing.T) {
	units := population(12)
	accuracies := []float64{0.8, 0.95, 0.99}
	right := make([]map[string]bool, len(accuracies))
	truth := make([]float64, len(accuracies))
	for i, accuracy := range accuracies {
		right[i], truth[i] = wrongByBoard(units, accuracy)
	}
	for _, n := range []int{30, 100} {
		var low, high []float64
		for right := range n + 1 {
			l, h := Interval(right, n)
			low, high = append(low, l), append(high, h)
		}
		covered := make([]int, len(accuracies))
		const audits = 1000
		for seed := range audits {
			sample := draw(t, uint64(seed), n, units)
			for i := range accuracies {
				good := 0
				for _, u := range sample {
					if right[i][u.Key] {
						good++
					}
				}
				if low[good] <= truth[i] && truth[i] <= high[good] {
					covered[i]++
				}
			}
		}
		for i := range accuracies {
			t.Logf("accuracy %.4f, %d posts: %d of %d intervals cover it", truth[i], n, covered[i], audits)
			if covered[i] < 940 {
				t.Errorf("accuracy %.4f, %d posts: only %d of %d intervals cover it", truth[i], n, covered[i], audits)
			}
		}
	}
}

// wrongByBoard makes units right or wrong, more so on some boards than on others,
// and gives the share that is right.
func wrongByBoard(units []Unit, accuracy float64) (right map[string]bool, share float64) {
	rnd := rand.New(rand.NewPCG(uint64(accuracy*1000), 3))
	right = map[string]bool{}
	errs := map[string]float64{}
	n := 0
	for _, u := range units {
		if _, ok := errs[u.Board]; !ok {
			errs[u.Board] = rnd.Float64() * 2 * (1 - accuracy)
		}
		if rnd.Float64() >= errs[u.Board] {
			right[u.Key] = true
			n++
		}
	}
	return right, float64(n) / float64(len(units))
}

func TestMarkdown(t *testing.T) {
	js := []Judgement{
		{Unit{"a", "x1", "b"}, map[string]Verdict{"author": Right, "date": Wrong}, ""},
		{Unit{"b", "x1", "b"}, map[string]Verdict{"author": Right, "date": Right}, ""},
		{Unit{"c", "y2", "c"}, map[string]Verdict{"author": Right, "date": Unclear}, ""},
	}
	got := Markdown(js, []string{"date", "author"}, 3, 50, 9)
	for _, want := range []string{"3 of 50 posts were drawn at random (seed 9)", "3 of them, from 2 boards", "Clopper–Pearson",
		"| date | 2 | 1 | 50.0 % | 1.3 % to 98.7 % | 1 |\n| author | 3 | 3 | 100.0 % | 29.2 % to 100.0 % | 0 |", "y2, 1 posts:"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
