//! Pages of packages: filters, words, orders.
