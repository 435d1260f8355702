// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package outputs_test

import (
	"context"
	"sync"
	"syscall"
	"testing"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// hangingDisk is a mounted directory whose writes can be made to hang.
type hangingDisk struct {
	path string

	mu   sync.Mutex
	gate chan struct{} // Closed while writes succeed.
}

func newHangingDisk(t *testing.T) *hangingDisk {
	t.Helper()
	d := &hangingDisk{path: t.TempDir(), gate: make(chan struct{})}
	close(d.gate)
	root := &fs.LoopbackRoot{Path: t.TempDir()}
	root.NewNode = func(data *fs.LoopbackRoot, _ *fs.Inode, _ string, _ *syscall.Stat_t) fs.InodeEmbedder {
		return &hangingNode{LoopbackNode: fs.LoopbackNode{RootData: data}, disk: d}
	}
	node := root.NewNode(root, nil, "", nil)
	root.RootNode = node
	server, err := fs.Mount(d.path, node, &fs.Options{MountOptions: fuse.MountOptions{DirectMount: true, FsName: "hanging"}})
	if err != nil {
		t.Skipf("not run: cannot mount a file system here: %v", err)
	}
	t.Cleanup(func() {
		d.resume()
		if err := server.Unmount(); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return d
}

func (d *hangingDisk) hang() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gate = make(chan struct{})
}

func (d *hangingDisk) resume() {
	d.mu.Lock()
	defer d.mu.Unlock()
	select {
	case <-d.gate:
	default:
		close(d.gate)
	}
}

type hangingNode struct {
	fs.LoopbackNode

	disk *hangingDisk
}

var _ fs.NodeWriter = (*hangingNode)(nil)

// Write waits while the disk hangs.
func (n *hangingNode) Write(ctx context.Context, f fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	n.disk.mu.Lock()
	gate := n.disk.gate
	n.disk.mu.Unlock()
	<-gate
	w, ok := f.(fs.FileWriter)
	if !ok {
		return 0, syscall.EBADF
	}
	return w.Write(ctx, data, off)
}
