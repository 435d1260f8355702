// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/voice-agents/telemetry/otelvoice/voicetest/wer"
)

const werUsage = `usage: otelvoice wer [-characters] [-lines] [-align] [-json] [-case] [-punctuation] [-ungroup] REFERENCE HYPOTHESIS

Prints the word error rate of a transcript, the file HYPOTHESIS, against the file
REFERENCE. One of them may be -, which is standard input. Case and punctuation do
not count.

`

// maxTranscript is the largest file that is read.
const maxTranscript = 64 << 20

// werResult is the output of wer -json. Rate is left out if the reference is empty, Line if the result is that
// of the whole texts.
type werResult struct {
	Line          int      `json:"line,omitempty"`
	Rate          *float64 `json:"rate,omitempty"`
	Units         int      `json:"units"` // Words or characters of the reference.
	Hits          int      `json:"hits"`
	Substitutions int      `json:"substitutions"`
	Deletions     int      `json:"deletions"`
	Insertions    int      `json:"insertions"`
}

// runWER prints the error rate of a transcript.
func runWER(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("wer", flag.ContinueOnError)
	flags.SetOutput(stderr)
	characters := flags.Bool("characters", false, "compare characters instead of words, for languages without spaces")
	lines := flags.Bool("lines", false, "compare line by line: each line of the files is an utterance")
	align := flags.Bool("align", false, "print each error before the result")
	asJSON := flags.Bool("json", false, "print a JSON object for each result")
	keepCase := flags.Bool("case", false, "compare upper and lower case as different")
	punctuation := flags.Bool("punctuation", false, "compare punctuation")
	ungroup := flags.Bool("ungroup", false, "compare 1,000 and 1000 as the same")
	flags.Usage = func() {
		fmt.Fprint(stderr, werUsage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return exitOK
		}
		return exitUsage
	}
	if flags.NArg() != 2 || flags.Arg(0) == "-" && flags.Arg(1) == "-" {
		fmt.Fprintln(stderr, "otelvoice wer: want two files, of which one may be -\ntry: otelvoice wer reference.txt transcript.txt")
		return exitUsage
	}
	reference, hypothesis, err := readTexts(flags.Arg(0), flags.Arg(1), stdin)
	if err != nil {
		fmt.Fprintf(stderr, "otelvoice wer: %v\n", err)
		return exitFail
	}
	var opts []wer.Option
	if *keepCase {
		opts = append(opts, wer.WithCase())
	}
	if *punctuation {
		opts = append(opts, wer.WithPunctuation())
	}
	if *ungroup {
		opts = append(opts, wer.WithoutGrouping())
	}
	p := werPrinter{out: stdout, compare: wer.Words, rate: "wer", unit: "words", align: *align, json: *asJSON}
	if *characters {
		p.compare, p.rate, p.unit = wer.Characters, "cer", "characters"
	}
	if !*lines {
		p.print(0, "", p.compare(reference, hypothesis, opts...))
		return exitOK
	}
	references, hypotheses := utterances(reference), utterances(hypothesis)
	if len(references) != len(hypotheses) {
		fmt.Fprintf(stderr, "otelvoice wer: %s has %d lines and %s has %d: line by line they must have as many\n",
			flags.Arg(0), len(references), flags.Arg(1), len(hypotheses))
		return exitFail
	}
	var total wer.Result
	for i := range references {
		r := p.compare(references[i], hypotheses[i], opts...)
		p.print(i+1, fmt.Sprintf("line %d: ", i+1), r)
		total = total.Add(r)
	}
	p.print(0, "all: ", total)
	return exitOK
}

// utterances returns the lines of a text. The last line may lack its end.
func utterances(text string) []string {
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// werPrinter prints results.
type werPrinter struct {
	out         io.Writer
	compare     func(reference, hypothesis string, opts ...wer.Option) wer.Result
	rate, unit  string
	align, json bool
}

func (p *werPrinter) print(line int, prefix string, r wer.Result) {
	rate, ok := r.Rate()
	if p.json {
		out := werResult{Line: line, Units: r.Units, Hits: r.Hits, Substitutions: r.Substitutions, Deletions: r.Deletions, Insertions: r.Insertions}
		if ok {
			out.Rate = &rate
		}
		_ = json.NewEncoder(p.out).Encode(out) // It fails only if stdout is closed.
		return
	}
	if p.align {
		for _, e := range r.Alignment {
			switch e.Op {
			case wer.Substitution:
				fmt.Fprintf(p.out, "%s%s for %s\n", prefix, e.Hypothesis, e.Reference)
			case wer.Deletion:
				fmt.Fprintf(p.out, "%s- %s\n", prefix, e.Reference)
			case wer.Insertion:
				fmt.Fprintf(p.out, "%s+ %s\n", prefix, e.Hypothesis)
			case wer.Hit:
			}
		}
	}
	value := "unknown, the reference is empty"
	if ok {
		value = fmt.Sprintf("%.4f", rate)
	}
	fmt.Fprintf(p.out, "%s%s %s: %d %s, %d substituted, %d deleted, %d inserted\n",
		prefix, p.rate, value, r.Units, p.unit, r.Substitutions, r.Deletions, r.Insertions)
}

// readTexts reads two files.
func readTexts(reference, hypothesis string, stdin io.Reader) (a, b string, err error) {
	if a, err = readText(reference, stdin); err != nil {
		return "", "", err
	}
	b, err = readText(hypothesis, stdin)
	return a, b, err
}

func readText(name string, stdin io.Reader) (string, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return "", err
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxTranscript+1))
	if err == nil && len(text) > maxTranscript {
		err = fmt.Errorf("larger than %d bytes", maxTranscript)
	}
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return string(text), nil
}
