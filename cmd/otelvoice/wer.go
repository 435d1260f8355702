// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/otelvoice/voicetest/wer"
)

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

// werOptions are the flags of the command.
type werOptions struct{ characters, lines, align, json, keepCase, punctuation, ungroup bool }

func newWER() *cobra.Command {
	c := &cobra.Command{
		Use:   "wer REFERENCE HYPOTHESIS",
		Short: "Print the word error rate of a transcript",
		Long: "Prints the word error rate of a transcript, the file HYPOTHESIS, against the file REFERENCE. One of them may\n" +
			"be -, which is standard input. Case and punctuation do not count.",
		Example: `otelvoice wer reference.txt transcript.txt
otelvoice wer --lines --align reference.txt - < transcript.txt`,
	}
	flags := c.Flags()
	var o werOptions
	flags.BoolVar(&o.characters, "characters", false, "compare characters instead of words, for languages without spaces")
	flags.BoolVar(&o.lines, "lines", false, "compare line by line: each line of the files is an utterance")
	flags.BoolVar(&o.align, "align", false, "print each error before the result")
	flags.BoolVar(&o.json, "json", false, "print a JSON object for each result")
	flags.BoolVar(&o.keepCase, "case", false, "compare upper and lower case as different")
	flags.BoolVar(&o.punctuation, "punctuation", false, "compare punctuation")
	flags.BoolVar(&o.ungroup, "ungroup", false, "compare 1,000 and 1000 as the same")
	c.RunE = action(func(c *cobra.Command, files []string) int {
		return runWER(files, o, c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr())
	})
	return c
}

// runWER prints the error rate of a transcript.
func runWER(files []string, o werOptions, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(files) != 2 || files[0] == "-" && files[1] == "-" {
		fmt.Fprintln(stderr, "otelvoice wer: want two files, of which one may be -\ntry: otelvoice wer reference.txt transcript.txt")
		return exitUsage
	}
	reference, hypothesis, err := readTexts(files[0], files[1], stdin)
	if err != nil {
		fmt.Fprintf(stderr, "otelvoice wer: %v\n", err)
		return exitFail
	}
	var opts []wer.Option
	if o.keepCase {
		opts = append(opts, wer.WithCase())
	}
	if o.punctuation {
		opts = append(opts, wer.WithPunctuation())
	}
	if o.ungroup {
		opts = append(opts, wer.WithoutGrouping())
	}
	p := werPrinter{out: stdout, compare: wer.Words, rate: "wer", unit: "words", align: o.align, json: o.json}
	if o.characters {
		p.compare, p.rate, p.unit = wer.Characters, "cer", "characters"
	}
	if !o.lines {
		p.print(0, "", p.compare(reference, hypothesis, opts...))
		return exitOK
	}
	references, hypotheses := utterances(reference), utterances(hypothesis)
	if len(references) != len(hypotheses) {
		fmt.Fprintf(stderr, "otelvoice wer: %s has %d lines and %s has %d: line by line they must have as many\n",
			files[0], len(references), files[1], len(hypotheses))
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
		_ = json.NewEncoder(p.out).Encode(out) // The output keeps the error of a write.
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
