// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// columns are the columns of a report's table.
var columns = [...]string{
	"turn", "outcome", "user stopped",
	"latency told", "measured", "difference",
	"stop time told", "stop measured", "stop difference",
	"overlap told", "overlap measured", "remarks",
}

// cells returns the cells of a row. Unknown values are empty.
func (row *Row) cells() [len(columns)]string {
	value := func(d *time.Duration) string {
		if d == nil {
			return ""
		}
		return fmt.Sprintf("%.3f", d.Seconds())
	}
	difference := func(c Comparison) string {
		d, ok := c.Difference()
		if !ok {
			return ""
		}
		return fmt.Sprintf("%+.3f", d.Seconds())
	}
	stopped := ""
	if at := row.UserStopped.Measured; at != nil {
		stopped = clock(*at)
	} else if at = row.UserStopped.Told; at != nil {
		stopped = clock(*at)
	}
	outcome := row.Turn.Outcome
	if row.Turn.IsAgents {
		outcome = strings.TrimSpace(outcome + " (agent's)")
	}
	remarks := row.Notes
	if row.Missing != "" {
		remarks = append([]string{row.Missing}, remarks...)
	}
	return [...]string{
		strconv.Itoa(row.Turn.Index), outcome, stopped,
		value(row.Response.Told), value(row.Response.Measured), difference(row.Response),
		value(row.StopTime.Told), value(row.StopTime.Measured), difference(row.StopTime),
		value(row.Overlap.Told), value(row.Overlap.Measured),
		strings.Join(remarks, "; "),
	}
}

// table returns the columns that have a value, and the rows below them.
func (r *Report) table() (names []string, rows [][]string) {
	var used [len(columns)]bool
	all := make([][len(columns)]string, len(r.Rows))
	for i := range r.Rows {
		all[i] = r.Rows[i].cells()
		for j, cell := range all[i] {
			used[j] = used[j] || cell != ""
		}
	}
	choose := func(cells [len(columns)]string) (chosen []string) {
		for i, cell := range cells {
			if used[i] {
				chosen = append(chosen, cell)
			}
		}
		return chosen
	}
	for _, cells := range all {
		rows = append(rows, choose(cells))
	}
	return choose(columns), rows
}

// String returns the report as a table for people, with its distributions below. Times are in seconds.
// Columns without a value are left out.
func (r *Report) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	names, rows := r.table()
	for _, cells := range append([][]string{names}, rows...) {
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	_ = w.Flush()
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n" + strings.Join(r.summary(), "\n") + "\n"
}

// WriteMarkdown writes the report as a table of Markdown, with its distributions as a list below.
func (r *Report) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	names, rows := r.table()
	b.WriteString("| " + strings.Join(names, " | ") + " |\n|")
	for _, name := range names {
		if name == "outcome" || name == "remarks" {
			b.WriteString(" --- |")
		} else {
			b.WriteString(" ---: |")
		}
	}
	b.WriteByte('\n')
	escape := strings.NewReplacer("|", "\\|", "\n", " ")
	for _, cells := range rows {
		for _, cell := range cells {
			b.WriteString("| " + escape.Replace(cell) + " ")
		}
		b.WriteString("|\n")
	}
	b.WriteByte('\n')
	for _, line := range r.summary() {
		b.WriteString("- " + line + "\n")
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("recording: write the report: %w", err)
	}
	return nil
}

// summary returns a line for each distribution and count.
func (r *Report) summary() []string {
	lines := []string{"response latency: " + r.Response.String()}
	if r.Unmatched > 0 {
		lines[0] += fmt.Sprintf(", %d not found", r.Unmatched)
	}
	if r.OnlyMeasured > 0 {
		lines[0] += fmt.Sprintf(", %d only in the sound", r.OnlyMeasured)
	}
	if r.UserStopped.Count > 0 {
		lines = append(lines, "end of the user's speech: "+r.UserStopped.String())
	}
	if r.AgentStarted.Count > 0 {
		lines = append(lines, "start of the agent's speech: "+r.AgentStarted.String())
	}
	if r.StopTime.Count > 0 {
		lines = append(lines, "stop time: "+r.StopTime.String())
	}
	dead := fmt.Sprintf("dead air: %.3f s in %d silences", r.DeadAir.Measured.Seconds(), len(r.Silences))
	if r.DeadAir.Told != nil {
		dead += fmt.Sprintf(", telemetry tells %.3f s", r.DeadAir.Told.Seconds())
	}
	lines = append(lines, dead)
	if len(r.Untold) > 0 {
		times := make([]string, len(r.Untold))
		for i, speech := range r.Untold {
			times[i] = clock(speech.Start)
		}
		lines = append(lines, "speech of the user in no turn: at "+strings.Join(times, ", "))
	}
	if r.Shift.Abs() > 100*time.Millisecond {
		lines = append(lines, "all times differ by about "+millis(r.Shift, true)+" ms: the start of the recording may be wrong")
	}
	return lines
}

// clock formats an offset into the recording, such as "1:02.345".
func clock(d time.Duration) string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	ms := d.Round(time.Millisecond) / time.Millisecond
	return fmt.Sprintf("%s%d:%02d.%03d", sign, ms/60_000, ms/1000%60, ms%1000)
}
