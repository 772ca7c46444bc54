// Lets TypeScript know the single-file components and the bundler's own additions.
/// <reference types="vite/client" />
