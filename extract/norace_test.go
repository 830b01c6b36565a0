//go:build !race

package extract_test

// underRace says that the race detector slows everything down tenfold.
const underRace = false
