#ifndef TABLE_H
#define TABLE_H

static const char *const names[] = {
#include "names.inc"
};

static const char *table_name(int n)
{
    return names[n];
}

#endif
