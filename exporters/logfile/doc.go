// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package logfile appends lines to a file that is rotated by its size.
//
// Stability: experimental; may change in a minor release.
//
//	f, err := logfile.Open("logs/app.log", &logfile.Options{MaxSize: 10 << 20, Backups: 5})
//	logger := jsonlog.New(f, nil)
//
// app.log is the newest file, app.log.1 the one before it, and so on. Each line is one write to the kernel:
// once Write has returned, the line survives a crash of the process, but not a crash of the machine. A
// rotation neither loses nor splits lines.
//
// # Rotation
//
// A rotation closes app.log, renames it to app.log.0, opens a new app.log, moves each
// backup up by one number, and then app.log.0 to app.log.1. A crash leaves at most
// app.log.0 or a number without a file; [Open] and the next rotation finish the work. The
// sequence is the same on all systems, and needs no rename or removal of an open file,
// which Windows refuses. If a step fails, the file grows past MaxSize, one line on
// [Options.Fallback] reports it, and the next attempt comes a second later. On Windows a
// backup that another program has open keeps its number, and the others skip over it;
// while another program has app.log open, app.log grows.
//
// Directories, links and devices with the name of a backup are never touched. Empty files
// never replace a backup. Open removes backups with numbers above [Options.Backups] that
// an earlier run left, up to app.log.1000, if the file is rotated at all.
//
// # Links
//
// If the path is a symbolic link, its target is rotated in the target's directory, and the
// link stays: app.log -> /data/app.log has its backups at /data/app.log.1. A link to a
// file that does not exist creates it. Devices, pipes, and links below /proc such as
// /dev/stdout are not rotated. A pipe that no process reads cannot be opened.
//
// # Files that others change
//
// Once a second, before a rotation, in [File.Reopen] and in [File.Close] the file's real
// size is read, and the path is checked to still name the file. Changes by logrotate (with
// copytruncate or with a signal), an editor or another process are therefore noticed about a
// second later, at the next write: truncation, replacement, renaming, deletion and appended
// data. Lines that were written to a deleted file in that second are copied to the new one.
// Lines that arrive between the copy and the truncation of copytruncate are lost, as
// logrotate documents.
//
// Several processes, and several Files of one process, may append to the same file and
// rotate it. Rotations in one directory exclude each other by a lock on the directory
// (flock); a rotation waits while another holds it. Backups then do not have their exact size,
// and a line may be up to a second later in the files than lines of other processes. On a file
// system without such locks, let only one process rotate.
// With [Options.Compress] let only one process write: a process that has not noticed a
// rotation yet may write a line to a backup at the moment at which the compressed copy
// replaces it, and that line is lost.
//
// # With a buffer
//
// A write to the kernel costs more than encoding the line. With [Options.Buffer] lines
// wait in memory and are written together, whole lines in one write: when the next one
// has no room, when the first of them has waited for [Options.FlushInterval], before a
// rotation and a reopening, by [File.Flush] and by [File.Close]. The files hold the same
// lines in the same order, rotated at the same sizes. These promises change:
//
//   - A process that ends without Close loses the buffered lines: at most the buffer's size,
//     and no lines older than the interval. A kill in the middle of a write may cut off the
//     last line in the file; the next process that opens the file starts a new line.
//   - A failed write is detected after Write has returned. The lines are counted and reported
//     nevertheless, see [File.Lost] and [File.LostLate].
//   - A deleted file is noticed when something is written, which may be an interval
//     later.
//   - Lines of several processes alternate by buffers.
//
// Call Flush after writing a line that must reach the file immediately.
package logfile
