// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wer

import "slices"

// align returns the edits that make the hypothesis of the reference: the fewest errors, and of these the
// most hits. It follows D. S. Hirschberg, "A linear space algorithm for computing maximal common
// subsequences" (1975): the reference is halved, and the place is found where the best alignment crosses
// the middle.
func align(reference, hypothesis []string) []Op {
	numbers := make(map[string]int32, len(reference))
	number := func(units []string) []int32 {
		out := make([]int32, len(units))
		for i, u := range units {
			n, ok := numbers[u]
			if !ok {
				n = int32(len(numbers))
				numbers[u] = n
			}
			out[i] = n
		}
		return out
	}
	a := aligner{ops: make([]Op, 0, max(len(reference), len(hypothesis)))}
	// An error costs more than all hits together gain.
	a.errorCost = int64(len(reference)) + 1
	a.align(number(reference), number(hypothesis))
	return a.ops
}

// traceable is how many cells of the table of costs are kept at once, in bytes.
const traceable = 1 << 20

type aligner struct {
	ops       []Op
	errorCost int64
	rows      [2][]int64
	trace     []Op
}

// align appends the edits of a part of the texts.
func (a *aligner) align(ref, hyp []int32) {
	for len(ref) > 0 && len(hyp) > 0 && ref[0] == hyp[0] {
		a.ops = append(a.ops, Hit)
		ref, hyp = ref[1:], hyp[1:]
	}
	same := 0
	for same < min(len(ref), len(hyp)) && ref[len(ref)-1-same] == hyp[len(hyp)-1-same] {
		same++
	}
	ref, hyp = ref[:len(ref)-same], hyp[:len(hyp)-same]
	switch {
	case len(ref) == 0:
		a.repeat(Insertion, len(hyp))
	case len(hyp) == 0:
		a.repeat(Deletion, len(ref))
	case len(ref) == 1 || (len(ref)+1)*(len(hyp)+1) <= traceable:
		a.traced(ref, hyp)
	default:
		middle := len(ref) / 2
		crossing := a.crossing(ref, hyp, middle)
		a.align(ref[:middle], hyp[:crossing])
		a.align(ref[middle:], hyp[crossing:])
	}
	a.repeat(Hit, same)
}

func (a *aligner) repeat(op Op, n int) {
	for range n {
		a.ops = append(a.ops, op)
	}
}

// crossing returns how much of hyp is aligned with the first middle units of ref.
func (a *aligner) crossing(ref, hyp []int32, middle int) (best int) {
	before := a.costs(0, ref[:middle], hyp)
	after := a.costs(1, backwards(ref[middle:]), backwards(hyp))
	for j := range before {
		if before[j]+after[len(hyp)-j] < before[best]+after[len(hyp)-best] {
			best = j
		}
	}
	return best
}

func backwards(units []int32) []int32 {
	out := slices.Clone(units)
	slices.Reverse(out)
	return out
}

// row returns one of the rows with a length. Its values are those of its last use.
func (a *aligner) row(side, length int) []int64 {
	a.rows[side] = slices.Grow(a.rows[side][:0], length)[:length]
	return a.rows[side]
}

// costs returns the costs of the alignments of ref with each beginning of hyp, in one of the rows.
func (a *aligner) costs(side int, ref, hyp []int32) []int64 {
	row := a.row(side, len(hyp)+1)
	for j := range row {
		row[j] = int64(j) * a.errorCost
	}
	for _, r := range ref {
		diagonal := row[0]
		left := row[0] + a.errorCost
		row[0] = left
		for j, h := range hyp {
			cost := diagonal + a.errorCost
			if r == h {
				cost = diagonal - 1
			}
			diagonal = row[j+1]
			cost = min(cost, left+a.errorCost, diagonal+a.errorCost)
			row[j+1], left = cost, cost
		}
	}
	return row
}

// traced appends the edits of texts whose table fits into memory.
func (a *aligner) traced(ref, hyp []int32) {
	width := len(hyp) + 1
	a.trace = slices.Grow(a.trace[:0], (len(ref)+1)*width)[:(len(ref)+1)*width]
	row := a.row(0, width)
	for j := range row {
		row[j], a.trace[j] = int64(j)*a.errorCost, Insertion
	}
	for i, r := range ref {
		trace := a.trace[(i+1)*width:]
		diagonal := row[0]
		row[0] += a.errorCost
		trace[0] = Deletion
		for j, h := range hyp {
			cost, op := diagonal+a.errorCost, Substitution
			if r == h {
				cost, op = diagonal-1, Hit
			}
			diagonal = row[j+1]
			if c := diagonal + a.errorCost; c < cost {
				cost, op = c, Deletion
			}
			if c := row[j] + a.errorCost; c < cost {
				cost, op = c, Insertion
			}
			row[j+1], trace[j+1] = cost, op
		}
	}
	start := len(a.ops)
	for i, j := len(ref), len(hyp); i > 0 || j > 0; {
		op := a.trace[i*width+j]
		a.ops = append(a.ops, op)
		if op != Insertion {
			i--
		}
		if op != Deletion {
			j--
		}
	}
	slices.Reverse(a.ops[start:])
}
