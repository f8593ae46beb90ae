// Package pki makes keys and certificate requests, and keeps issued pairs on disk the way kubelet does.
package pki

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Store keeps pairs under Dir as <Prefix>-<time>.pem, with a symlink <Prefix>-current.pem to the newest.
type Store struct{ Dir, Prefix string }

// CurrentPath is the path of the symlink.
func (s Store) CurrentPath() string { return filepath.Join(s.Dir, s.Prefix+"-current.pem") }

// Load returns the current pair with its leaf parsed.
func (s Store) Load() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(s.CurrentPath(), s.CurrentPath())
	if err != nil {
		return nil, err
	}
	pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0])
	return &pair, err
}

// Save writes certificate and key into one file, mode 0600, and points the symlink at it.
func (s Store) Save(certPEM, keyPEM []byte) error {
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(s.Dir, fmt.Sprintf("%s-%s.pem", s.Prefix, time.Now().Format("2006-01-02-15-04-05")))
	if err := os.WriteFile(path, append(append([]byte{}, certPEM...), keyPEM...), 0o600); err != nil {
		return err
	}
	draft := s.CurrentPath() + ".new"
	os.Remove(draft)
	if err := os.Symlink(path, draft); err != nil {
		return err
	}
	return os.Rename(draft, s.CurrentPath())
}
