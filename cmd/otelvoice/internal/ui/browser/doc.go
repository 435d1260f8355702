// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package browser tests the pages of the viewer in a real browser, Chromium without a window, against a server with
// canned answers. It is a module of its own so that what drives the browser is in no other module.
//
// The tests skip if there is no chromium. The rules of accessibility are those of axe-core, which npm ci in the
// directory above installs. Pictures of all pages are written to the directory OTELVOICE_SCREENSHOTS, if it is set.
package browser
