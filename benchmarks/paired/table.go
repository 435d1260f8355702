// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package paired

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"
)

// Table is a comparison of contenders: the first is the baseline.
type Table struct {
	Title      string
	Contenders []Contender
	Plan       Plan
}

// Write writes figures as a table.
func (t Table) Write(w io.Writer, figures []Figure) {
	clock, memory, throughput, line := "time", "bytes", "", ""
	if t.Plan.CPU {
		clock = "CPU"
	}
	if t.Plan.Held {
		memory = "bytes held"
	}
	if t.Plan.Size > 0 {
		throughput, line = " MB/s |", " ---: |"
	}
	fmt.Fprintf(w, "\n| %s | %s |%s ratio | allocations | %s |\n| --- | ---: |%s ---: | ---: | ---: |\n", t.Title, clock, throughput, memory, line)
	for _, f := range figures {
		if t.Plan.Size > 0 {
			throughput = fmt.Sprintf(" %.0f |", float64(t.Plan.Size)/1e6/f.Time.Seconds())
		}
		fmt.Fprintf(w, "| %s | %.2f µs |%s %.2f (%.2f–%.2f) | %.0f | %.0f |\n",
			f.Name, float64(f.Time)/float64(time.Microsecond), throughput, f.Ratio, f.Low, f.High, f.Allocs, f.Bytes)
	}
}

// The markers between which tables are put into a file.
const (
	Begins = "<!-- tables of go -C benchmarks run . -write -->\n"
	Ends   = "<!-- end of tables -->\n"
)

// Put puts tables between the markers of a file.
func Put(name string, tables []byte) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, found := bytes.Cut(text, []byte(Begins))
	_, after, ended := bytes.Cut(rest, []byte(Ends))
	if !found || !ended {
		return fmt.Errorf("%s has no markers for the tables", name)
	}
	return os.WriteFile(name, bytes.Join([][]byte{before, []byte(Begins), tables, []byte(Ends), after}, nil), 0o600) //nolint:gosec // The name is the caller's.
}
