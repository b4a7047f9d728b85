#include <stdio.h>

struct point {
    int x, y;
};

static int norm(struct point p)
{
    return p.x * p.x + p.y * p.y;
}

int main(void)
{
    int n;
    scanf("%d", &n);
    int squares[n];
    int sum = 0;
    void add(int value) { sum += value; }
    for (int i = 0; i < n; i++)
        squares[i] = i * i;
    for (int i = 0; i < n; i++)
        add(squares[i]);
    printf("%d %d %zu\n", sum, norm((struct point){.y = 3, .x = 4}), sizeof squares / sizeof *squares);
    return 0;
}
