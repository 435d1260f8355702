// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build linux && (amd64 || arm64) && gc

package threadid

import (
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
)

// Current returns the ID of the current thread. The goroutine may move to another thread at any
// time, unless it is locked to the thread.
func (r Reader) Current() int {
	if r.offset != 0 {
		return int(threadWord(r.offset))
	}
	return syscall.Gettid()
}

// threadWord returns the word at an offset in the thread structure (runtime.m) of the current
// goroutine. It is one assembly function, because the runtime does not preempt assembly: the
// goroutine cannot move to another thread half-way.
func threadWord(offset uintptr) uintptr

// goroutine returns the address of the current goroutine's structure (runtime.g).
func goroutine() uintptr

// word returns the word at an address.
func word(address uintptr) uintptr

const (
	wordSize = 8
	// threadOffset is the offset of g.m. The runtime calls it known to the linker; it has been
	// the same since Go 1.5. The assembly has it as well.
	threadOffset = 48
	// scanned is the part of the thread structure that is searched for the ID. In Go 1.26 the ID
	// is at 64 and the structure has more than 1,000 bytes.
	scanned = 256
	// threads is the number of threads on which a field must have the ID.
	threads = 3
)

// fieldOffset returns the offset of the ID in the thread structure, or 0. It searches once.
var fieldOffset = sync.OnceValue(findField)

// findField compares the words of the thread structure with the result of gettid on several threads.
func findField() uintptr {
	var (
		wg      sync.WaitGroup
		results = make(chan map[uintptr]bool, threads)
		release = make(chan struct{})
	)
	for range threads {
		wg.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			results <- matches(syscall.Gettid())
			<-release // Until all are locked, so that each has a thread of its own.
		})
	}
	var found map[uintptr]bool
	for i := range threads {
		offsets := <-results
		if i == 0 {
			found = offsets
		}
		for offset := range found {
			if !offsets[offset] {
				delete(found, offset)
			}
		}
	}
	close(release)
	wg.Wait()
	if len(found) != 1 {
		return 0
	}
	for offset := range found {
		return offset
	}
	return 0
}

// matches returns the offsets in the thread structure of the current thread at which its ID is. It
// returns none if the structures are not what this package knows: the thread structure must begin
// with the thread's own goroutine (m.g0), which must point back to the thread (g.m).
func matches(tid int) (offsets map[uintptr]bool) {
	offsets = make(map[uintptr]bool)
	// If the layout has changed, an address may be none. A fault then panics, where it would
	// otherwise end the process.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			clear(offsets)
		}
	}()
	thread := word(goroutine() + threadOffset)
	if own := word(thread); word(own+threadOffset) != thread {
		return offsets
	}
	for offset := uintptr(wordSize); offset < scanned; offset += wordSize {
		if threadWord(offset) == uintptr(tid) {
			offsets[offset] = true
		}
	}
	return offsets
}
