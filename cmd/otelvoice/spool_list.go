// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/voice-agents/telemetry/exporters/spool"
)

// spoolEntry is the output of spool list for a segment or a dead letter.
type spoolEntry struct {
	Kind       string     `json:"kind"` // "segment" or "dead_letter".
	Signal     string     `json:"signal"`
	Requests   int        `json:"requests"`
	Items      int        `json:"items"`
	Bytes      int64      `json:"bytes"`
	Damaged    int        `json:"damaged,omitempty"`
	Oldest     *time.Time `json:"oldest,omitempty"`
	AgeSeconds float64    `json:"age_seconds"`
	Name       string     `json:"name,omitempty"`
	Reason     string     `json:"reason,omitempty"`
}

func newSpoolList() *cobra.Command {
	c := &cobra.Command{
		Use:     "list DIR",
		Short:   "List the waiting segments and the dead letters",
		Long:    "Lists the waiting segments and the dead letters of a directory.\n\n" + spoolHelp,
		Example: "otelvoice spool list /var/spool/agent",
		Args:    oneDirectory,
	}
	asJSON := c.Flags().Bool("json", false, "print a JSON object for each segment and each dead letter")
	c.RunE = action(func(c *cobra.Command, args []string) int {
		return runSpoolList(args[0], *asJSON, c.OutOrStdout(), c.ErrOrStderr())
	})
	return c
}

// runSpoolList lists the waiting segments and the dead letters of a directory, as a table or as one JSON
// object a line. It reports a file that cannot be read and lists the others.
func runSpoolList(dir string, asJSON bool, stdout, stderr io.Writer) int {
	code := exitOK
	segments, err := spool.Segments(dir)
	if err != nil {
		fmt.Fprintf(stderr, "otelvoice spool list: %v\n", err)
		code = exitFail
	}
	letters, err := spool.DeadLetters(dir)
	if err != nil && code == exitOK {
		fmt.Fprintf(stderr, "otelvoice spool list: %v\n", err)
		code = exitFail
	}
	entries := listEntries(segments, letters, time.Now())
	if asJSON {
		out := json.NewEncoder(stdout)
		out.SetEscapeHTML(false)
		for _, e := range entries {
			_ = out.Encode(e) // The output keeps the error of a write.
		}
		return code
	}
	if len(entries) == 0 {
		if code == exitOK {
			fmt.Fprintln(stdout, "no waiting segments, no dead letters")
		}
		return code
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KIND\tSIGNAL\tREQUESTS\tITEMS\tBYTES\tAGE\tDETAIL")
	for _, e := range entries {
		kind, detail := "waiting", e.Name
		if e.Kind == "dead_letter" {
			kind, detail = "dead letter", e.Reason
		}
		if e.Damaged > 0 {
			detail += fmt.Sprintf(" (%d damaged)", e.Damaged)
		}
		age := (time.Duration(e.AgeSeconds) * time.Second).String()
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%s\t%s\n", kind, e.Signal, e.Requests, e.Items, e.Bytes, age, detail)
	}
	_ = table.Flush()
	return code
}

func listEntries(segments []spool.Segment, letters []spool.DeadLetter, now time.Time) (entries []spoolEntry) {
	for _, s := range segments {
		e := spoolEntry{Kind: "segment", Signal: string(s.Signal), Requests: s.Requests, Items: s.Items, Bytes: s.Bytes, Damaged: s.Damaged, Name: s.Name}
		if !s.Oldest.IsZero() {
			e.Oldest, e.AgeSeconds = &s.Oldest, max(now.Sub(s.Oldest).Seconds(), 0)
		}
		entries = append(entries, e)
	}
	for _, l := range letters {
		entries = append(entries, spoolEntry{
			Kind: "dead_letter", Signal: string(l.Signal), Requests: 1, Items: l.Items, Bytes: int64(l.Bytes),
			Oldest: &l.Time, AgeSeconds: max(now.Sub(l.Time).Seconds(), 0), Reason: l.Reason,
		})
	}
	return entries
}
