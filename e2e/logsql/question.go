// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logsql

import (
	"fmt"
	"os"
	"strings"
)

// A Question is a documented LogsQL query.
type Question struct {
	Title string
	Query string
}

// Questions reads the queries in the logsql blocks of a Markdown file: each is a line below its title.
func Questions(path string) (questions []Question, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read LogsQL queries: %w", err)
	}
	inside, title := false, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```logsql"
		case inside && strings.HasPrefix(line, "# "):
			title = strings.TrimPrefix(line, "# ")
		case inside && line != "":
			questions = append(questions, Question{title, line})
		}
	}
	if len(questions) == 0 {
		return nil, fmt.Errorf("read LogsQL queries: %s has none", path)
	}
	return questions, nil
}
