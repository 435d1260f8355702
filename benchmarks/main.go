// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

// Command benchmarks compares the toolkit with other libraries, and with the same work done by
// hand:
//
//	go -C benchmarks run . -write
//
// prints tables, and puts them into BENCHMARKS.md and some of their rows into docs/performance.md. The
// tables, in order, compare
//
//   - log lines: alone, from several goroutines, to a file, and with the record sent to a
//     collector, beside zap, zerolog, phuslu/log and log/slog (line.go, file.go, export.go);
//   - the cost of a record to the whole process until another process has it (process.go);
//   - turns, sampled and not, and measurements, beside OpenTelemetry's SDK; servers and clients,
//     beside otelhttp; the pipeline, beside the pipeline without telemetry (traced);
//   - the spool, beside a file and the network (spool.go);
//   - growth: lines in many calls, and from many goroutines (growth.go).
//
// With -only and a regular expression it makes the tables whose titles match.
//
// On a shared machine, the time of an operation of a microsecond varies by a third from one second to
// the next, so figures of different times cannot be compared. Every contender therefore runs in each
// round, in an order that rotates. The tables report the median over the rounds of its ratio to the
// baseline in the same round, with the quartiles (package paired). No background work runs while
// another contender is measured: batches are sent between two runs.
//
// If a caller waits, the time is elapsed time. If the cost includes work in the background (batches,
// garbage collection, requests), it is the CPU time of the process, which does not grow when other
// processes use the cores. This needs a Unix system.
//
// A contender that omits something would have an advantage. All contenders of a table write the same
// fields, make the same spans and measurements, or deliver the same records. Tests of these packages
// read them back.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/benchmarks/traced"
)

func main() {
	var err error
	if len(os.Args) == 2 && os.Args[1] == collect {
		err = serveCollector(os.Stdin, os.Stdout)
	} else {
		rounds := flag.Int("rounds", 15, "how often each contender runs")
		only := flag.String("only", "", "make the tables whose titles match this regular expression")
		write := flag.Bool("write", false, "put the tables into BENCHMARKS.md, all of them, and their headlines into docs/performance.md")
		flag.Parse()
		err = run(*rounds, *only, *write)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

func run(rounds int, only string, write bool) (err error) {
	wanted, err := regexp.Compile(only)
	switch {
	case err != nil:
		return err
	case rounds < 1:
		return errors.New("-rounds must be at least 1")
	case write && only != "":
		return errors.New("-write writes all tables, so it cannot be combined with -only")
	}
	dir, err := os.MkdirTemp("", "benchmarks")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c, err := newCollector()
	if err != nil {
		return err
	}
	defer func() { _ = c.server.Close() }()
	var stop func() error
	other := sync.OnceValues(func() (*remote, error) {
		r, err := startRemote()
		if err == nil {
			stop = r.stop
		}
		return r, err
	})
	defer func() {
		if stop != nil {
			err = errors.Join(err, stop())
		}
	}()

	all, err := tables(dir, c, other, paired.Plan{Rounds: rounds, Each: 25 * time.Millisecond})
	if err != nil {
		return err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s, %d cores, %d rounds; the ratio is the median of the rounds, with its quartiles.\n", runtime.Version(), runtime.GOMAXPROCS(0), rounds)
	fmt.Print(out.String())
	measured := make(map[string][]paired.Figure)
	for _, t := range all {
		if !wanted.MatchString(t.Title) {
			continue
		}
		figures, err := t.Plan.Measure(t.Contenders)
		if err != nil {
			return fmt.Errorf("%s: %w", t.Title, err)
		}
		measured[t.Title] = figures
		t.Write(io.MultiWriter(&out, os.Stdout), figures) // One at a time, because all tables take minutes.
	}
	if !write {
		return nil
	}
	headlines, err := headlinesOf(measured)
	if err != nil {
		return err
	}
	return errors.Join(paired.Put("../BENCHMARKS.md", out.Bytes()), paired.Put("../docs/performance.md", headlines))
}

// tables returns all tables in order. It starts nothing.
func tables(dir string, c *collector, other func() (*remote, error), p paired.Plan) ([]paired.Table, error) {
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
	parallel, bounded := p, p
	parallel.Parallel, bounded.Most = true, queue/2
	all := []paired.Table{
		{Title: jsonTable, Contenders: lineTo(discard), Plan: p},
		{Title: "The same from as many goroutines as there are cores", Contenders: lineTo(discard), Plan: parallel},
		{Title: "The same to a file", Contenders: lineToFile(dir, toFile), Plan: p},
		{Title: exportTable, Contenders: lineAndExport(c, discard), Plan: bounded},
	}
	spooled, err := spoolTables(dir, c.url+"/v1/logs", p)
	if err != nil {
		return nil, err
	}
	return slices.Concat(all, processTables(other, p), traced.Tables(p), spooled, growthTables(discard, p)), nil
}
