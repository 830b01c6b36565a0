package check

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string     `xml:"name,attr"`
	Class   string     `xml:"classname,attr"`
	Time    string     `xml:"time,attr"`
	Failure *junitText `xml:"failure,omitempty"`
	Error   *junitText `xml:"error,omitempty"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes results in the XML form that CI services show.
func JUnit(w io.Writer, results []Result) error {
	s := junitSuite{Name: "forumine check", Tests: len(results)}
	total := 0.0
	for _, r := range results {
		c := junitCase{Name: r.Name, Class: "forumine.check", Time: fmt.Sprintf("%.3f", r.Took.Seconds())}
		total += r.Took.Seconds()
		switch {
		case r.Err != nil:
			s.Errors++
			c.Error = &junitText{Message: r.Err.Error()}
		case len(r.Diffs) > 0:
			s.Failures++
			c.Failure = &junitText{Message: fmt.Sprintf("%d fields differ", len(r.Diffs)), Text: Describe(r)}
		}
		s.Cases = append(s.Cases, c)
	}
	s.Time = fmt.Sprintf("%.3f", total)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("writing JUnit: %w", err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(s); err != nil {
		return fmt.Errorf("writing JUnit: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// Describe prints a result's differences, three lines a field.
func Describe(r Result) string {
	var b strings.Builder
	for _, d := range r.Diffs {
		fmt.Fprintf(&b, "  %s\n    want %s\n    got  %s\n", d.Path, d.Want, d.Got)
	}
	return b.String()
}
