// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import "fmt"

// A Verdict counts the differences between the written and the received entries.
type Verdict struct {
	Written, Lost []Entry
	Twice         int // Entries that were received more than once.
	Disorder      int // Entries that were received before an earlier entry of the same group.
	Foreign       int // Received entries that were not written.
}

// Judge compares written entries with received IDs, by kind. Both are in order.
func Judge(written []Entry, received map[string][]string) (v Verdict) {
	type key struct{ kind, id string }
	at := make(map[key]int, len(written))
	for i, e := range written {
		at[key{e.Kind, e.ID}] = i
	}
	v.Written = written
	seen := make(map[key]bool, len(written))
	last := make(map[key]int) // By group.
	for kind, ids := range received {
		for _, id := range ids {
			k := key{kind, id}
			i, ok := at[k]
			switch {
			case !ok:
				v.Foreign++
				continue
			case seen[k]:
				v.Twice++
				continue
			}
			seen[k] = true
			group := key{kind, written[i].Group}
			if before, ok := last[group]; ok && i < before {
				v.Disorder++
			}
			last[group] = i
		}
	}
	for _, e := range written {
		if !seen[key{e.Kind, e.ID}] {
			v.Lost = append(v.Lost, e)
		}
	}
	return v
}

func (v Verdict) String() string {
	kinds := make(map[string]int)
	for _, e := range v.Written {
		kinds[e.Kind]++
	}
	return fmt.Sprintf("%v written; %d lost, %d twice, %d out of order, %d foreign", kinds, len(v.Lost), v.Twice, v.Disorder, v.Foreign)
}
