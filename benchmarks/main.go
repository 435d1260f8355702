// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Command benchmarks compares log lines with those of other libraries:
//
//	go -C benchmarks run . -write
//
// prints a table, and puts it into BENCHMARKS.md.
//
// What takes a microsecond takes a third more or less a second later on a shared machine, so
// no two figures of different times can be compared. Every contender therefore runs in each
// round, in an order that turns, and what is reported is the median over the rounds of its
// ratio to the base in the same round, with the quartiles. All write the same fields, which a
// test of this package reads back.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 15, "how often each contender runs")
	write := flag.Bool("write", false, "put the tables into BENCHMARKS.md")
	flag.Parse()
	if err := run(*rounds, *write); err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

const (
	begins = "<!-- tables of go -C benchmarks run . -write -->\n"
	ends   = "<!-- end of tables -->\n"
	file   = "../BENCHMARKS.md"
)

func run(rounds int, write bool) error {
	dir, err := os.MkdirTemp("", "lines")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	c, err := newCollector()
	if err != nil {
		return err
	}
	defer func() { _ = c.server.Close() }()
	discard := func() io.Writer { return io.Discard }
	n := 0
	toFile := func() io.Writer {
		n++
		f, err := os.Create(filepath.Join(dir, strconv.Itoa(n)))
		if err != nil {
			panic(err)
		}
		return f
	}
	const each = 25 * time.Millisecond
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s, %d cores, %d rounds; the ratio is the median of the rounds, with its quartiles.\n", runtime.Version(), runtime.GOMAXPROCS(0), rounds)
	for _, t := range []struct {
		title      string
		contenders []contender
		plan       plan
	}{
		{"A JSON line, source and ids on", lineTo(discard), plan{rounds: rounds, each: each}},
		{"The same from as many goroutines as there are cores", lineTo(discard), plan{rounds: rounds, each: each, parallel: true}},
		{"The same to a file", lineTo(toFile), plan{rounds: rounds, each: each}},
		{"A JSON line, and the record to a collector over OTLP/HTTP: what the caller waits", lineAndExport(c, discard), plan{rounds: rounds, each: each, most: queue / 2}},
	} {
		figures, err := t.plan.measure(t.contenders)
		if err != nil {
			return fmt.Errorf("%s: %w", t.title, err)
		}
		table(&out, t.title, figures)
	}
	fmt.Print(out.String())
	if !write {
		return nil
	}
	return put(file, out.Bytes())
}

// table writes figures as a table.
func table(w io.Writer, title string, figures []figure) {
	fmt.Fprintf(w, "\n| %s | time | ratio | allocations | bytes |\n| --- | ---: | ---: | ---: | ---: |\n", title)
	for _, f := range figures {
		fmt.Fprintf(w, "| %s | %.2f µs | %.2f (%.2f–%.2f) | %.0f | %.0f |\n",
			f.name, float64(f.time)/float64(time.Microsecond), f.ratio, f.low, f.high, f.allocs, f.bytes)
	}
}

// put puts tables between the marks of a file.
func put(name string, tables []byte) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, found := bytes.Cut(text, []byte(begins))
	_, after, ended := bytes.Cut(rest, []byte(ends))
	if !found || !ended {
		return fmt.Errorf("%s has no place for the tables", name)
	}
	return os.WriteFile(name, bytes.Join([][]byte{before, []byte(begins), tables, []byte(ends), after}, nil), 0o600) //nolint:gosec // The name is the caller's.
}
