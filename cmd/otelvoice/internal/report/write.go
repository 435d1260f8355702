// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/terminal"
)

// maxCell is the longest text of a cell, in columns.
const maxCell = 60

// WriteText writes the report for a terminal.
func (r *Report) WriteText(w io.Writer, s terminal.Screen) error {
	if _, err := fmt.Fprintln(w, s.In(terminal.Bold, terminal.Clean(r.head(), 1000))); err != nil {
		return err
	}
	for _, section := range r.sections() {
		table := terminal.Table{}
		for i, head := range section.Heads {
			table.Columns = append(table.Columns, terminal.Column{Head: strings.ToUpper(head), Right: i >= section.Text})
		}
		for _, row := range section.Rows {
			table.Add(terminal.Plain, row...)
		}
		if _, err := fmt.Fprintf(w, "\n%s\n", s.In(terminal.Bold, section.Title)); err != nil {
			return err
		}
		if err := table.Write(w, s); err != nil {
			return err
		}
	}
	return nil
}

// WriteJSON writes the report as one object.
func (r *Report) WriteJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(r)
}

// WriteMarkdown writes the report as Markdown with tables.
func (r *Report) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Calls\n\n%s.\n", escape(r.head()))
	for _, section := range r.sections() {
		fmt.Fprintf(&b, "\n## %s\n\n", section.Title)
		if section.Note != "" {
			fmt.Fprintf(&b, "%s\n\n", section.Note)
		}
		b.WriteString("| " + strings.Join(section.Heads, " | ") + " |\n|")
		for i := range section.Heads {
			if i < section.Text {
				b.WriteString(" --- |")
			} else {
				b.WriteString(" ---: |")
			}
		}
		b.WriteString("\n")
		for _, row := range section.Rows {
			cells := make([]string, len(row))
			for i, cell := range row {
				cells[i] = escape(cell)
			}
			b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// escape returns text that Markdown shows as it is.
func escape(text string) string {
	var b strings.Builder
	for _, r := range terminal.Clean(text, 1000) {
		if strings.ContainsRune("\\`*_{}[]<>#|!&~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// page needs nothing from elsewhere and runs nothing.
var page = template.Must(template.New("report").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Calls</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
div { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .2rem .6rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); white-space: nowrap; }
.n { text-align: right; }
meter { width: 8rem; }
</style>
</head>
<body>
<h1>Calls</h1>
<p>{{.Head}}.</p>
{{range .Sections}}{{$text := .Text}}{{$bars := .Bars}}{{$max := .Max}}
<h2>{{.Title}}</h2>
{{with .Note}}<p>{{.}}</p>{{end}}
<div><table>
<thead><tr>{{range $i, $h := .Heads}}<th scope="col"{{if ge $i $text}} class="n"{{end}}>{{$h}}</th>{{end}}{{if $bars}}<th scope="col">p95</th>{{end}}</tr></thead>
<tbody>
{{range $j, $row := .Rows}}<tr>{{range $i, $c := $row}}<td{{if ge $i $text}} class="n"{{end}}>{{$c}}</td>{{end}}{{if $bars}}<td><meter min="0" max="{{$max}}" value="{{index $bars $j}}"></meter></td>{{end}}</tr>
{{end}}</tbody>
</table></div>
{{end}}
</body>
</html>
`))

// WriteHTML writes the report as a page that needs nothing else.
func (r *Report) WriteHTML(w io.Writer) error {
	type view struct {
		section
		Max float64
	}
	data := struct {
		Head     string
		Sections []view
	}{Head: r.head()}
	for _, s := range r.sections() {
		v := view{section: s}
		for _, bar := range s.Bars {
			v.Max = max(v.Max, bar)
		}
		for _, row := range v.Rows {
			for i, cell := range row {
				row[i] = terminal.Clean(cell, maxCell)
			}
		}
		data.Sections = append(data.Sections, v)
	}
	return page.Execute(w, data)
}
