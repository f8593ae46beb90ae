package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"yurt-ssh-standin/internal/kubeapi"
)

// diskCache keeps one JSON file per object under component/resource/namespace/name.
type diskCache struct {
	root string
	mu   sync.Mutex
}

func newDiskCache(root string) *diskCache {
	os.MkdirAll(root, 0o755)
	return &diskCache{root: root}
}

func (c *diskCache) path(key string) (string, bool) {
	clean := filepath.Clean("/" + key)
	return filepath.Join(c.root, clean), clean != "/"
}

// put replaces the object under key.
func (c *diskCache) put(key string, object kubeapi.Object) error {
	content, err := json.Marshal(object)
	if err != nil {
		return err
	}
	path, ok := c.path(key)
	if !ok {
		return fs.ErrInvalid
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return writeObject(path, content)
}

// writeObject writes through a tmp_ file in the same directory, which is made when missing.
func writeObject(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	draft := filepath.Join(filepath.Dir(path), "tmp_"+filepath.Base(path))
	if err := os.WriteFile(draft, content, 0o600); err != nil {
		return err
	}
	return os.Rename(draft, path)
}

// get returns the object under key, nil when there is none.
func (c *diskCache) get(key string) kubeapi.Object {
	path, ok := c.path(key)
	if !ok {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return readObject(path)
}

func readObject(path string) kubeapi.Object {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var object kubeapi.Object
	if json.Unmarshal(content, &object) != nil {
		return nil
	}
	return object
}

// list returns every object under key, in path order.
func (c *diskCache) list(key string) []kubeapi.Object {
	root, ok := c.path(key)
	if !ok {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var objects []kubeapi.Object
	filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && !strings.HasPrefix(entry.Name(), "tmp_") {
			if object := readObject(path); object != nil {
				objects = append(objects, object)
			}
		}
		return nil
	})
	return objects
}

// replace makes objects the only ones under key.
func (c *diskCache) replace(key string, objects map[string]kubeapi.Object) {
	root, ok := c.path(key)
	if !ok {
		return
	}
	c.mu.Lock()
	os.RemoveAll(root)
	c.mu.Unlock()
	for objectKey, object := range objects {
		c.put(objectKey, object)
	}
}

// remove deletes the object, or all objects, under key.
func (c *diskCache) remove(key string) {
	if path, ok := c.path(key); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		os.RemoveAll(path)
	}
}
